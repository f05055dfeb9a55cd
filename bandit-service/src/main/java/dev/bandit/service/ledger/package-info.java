/** What happened, in Postgres: the relay from the outbox, recounts and the audit. */
@NullMarked
package dev.bandit.service.ledger;

import org.jspecify.annotations.NullMarked;
