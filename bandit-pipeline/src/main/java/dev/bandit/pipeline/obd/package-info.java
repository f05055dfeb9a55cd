/** The Open Bandit Dataset, or logs of its shape: received, checked, and kept as typed Parquet. */
@NullMarked
package dev.bandit.pipeline.obd;

import org.jspecify.annotations.NullMarked;
