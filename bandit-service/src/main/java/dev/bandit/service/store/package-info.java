/** Redis or Dragonfly: the connection, the key names and the scripts. */
@NullMarked
package dev.bandit.service.store;

import org.jspecify.annotations.NullMarked;
