/** The ledger of a running service, in its Postgres. */
@NullMarked
package dev.bandit.pipeline.ledger;

import org.jspecify.annotations.NullMarked;
