/** Copies of the snapshots in Postgres to wherever else they are wanted. */
@NullMarked
package dev.bandit.service.sink;

import org.jspecify.annotations.NullMarked;
