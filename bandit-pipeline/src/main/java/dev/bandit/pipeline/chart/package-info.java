/** Pictures of what commands have found. */
@NullMarked
package dev.bandit.pipeline.chart;

import org.jspecify.annotations.NullMarked;
