/** One recorder that every source of rewards calls. */
@NullMarked
package dev.bandit.service.reward;

import org.jspecify.annotations.NullMarked;
