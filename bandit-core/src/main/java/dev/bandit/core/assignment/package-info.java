/** From a unit (a user, a device) to a fixed number in [0, 1). */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.assignment;
