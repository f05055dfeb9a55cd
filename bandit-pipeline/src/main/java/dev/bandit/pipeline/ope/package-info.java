/** What another policy would have earned, from a log. */
@NullMarked
package dev.bandit.pipeline.ope;

import org.jspecify.annotations.NullMarked;
