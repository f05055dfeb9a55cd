/** Running totals of what each arm has been through, folded from the ledger: what reports are made of. */
@NullMarked
package dev.bandit.service.totals;

import org.jspecify.annotations.NullMarked;
