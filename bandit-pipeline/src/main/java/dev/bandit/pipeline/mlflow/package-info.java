/** Runs of commands on an MLflow server: logged so that a retry adds nothing, and read back. */
@NullMarked
package dev.bandit.pipeline.mlflow;

import org.jspecify.annotations.NullMarked;
