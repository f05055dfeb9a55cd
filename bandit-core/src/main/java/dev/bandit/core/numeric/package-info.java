/** What the other packages count and check with: sums that do not round, and guards. */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.numeric;
