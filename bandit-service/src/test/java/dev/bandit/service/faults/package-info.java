/** The service under crashes: its own, those of Redis and those of Postgres. */
@NullMarked
package dev.bandit.service.faults;

import org.jspecify.annotations.NullMarked;
