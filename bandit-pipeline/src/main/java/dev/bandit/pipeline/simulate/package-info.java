/** What policies would lose in an experiment of known rates: played many times, told as text, JSON, CSV and a picture. */
@NullMarked
package dev.bandit.pipeline.simulate;

import org.jspecify.annotations.NullMarked;
