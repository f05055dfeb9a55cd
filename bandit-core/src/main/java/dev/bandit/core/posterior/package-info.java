/** What is known about the arms: Beta posteriors, and which arm is best. */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.posterior;
