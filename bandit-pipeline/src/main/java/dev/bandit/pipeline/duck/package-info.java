/** DuckDB, which reads and writes CSV and Parquet. */
@NullMarked
package dev.bandit.pipeline.duck;

import org.jspecify.annotations.NullMarked;
