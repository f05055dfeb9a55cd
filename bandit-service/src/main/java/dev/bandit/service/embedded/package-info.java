/** A real redis-server and a real PostgreSQL as child processes, for when none is configured. */
@NullMarked
package dev.bandit.service.embedded;

import org.jspecify.annotations.NullMarked;
