/** Choosing an arm: {@code /select}, the signed decision id, delivery and the local journal. */
@NullMarked
package dev.bandit.service.decision;

import org.jspecify.annotations.NullMarked;
