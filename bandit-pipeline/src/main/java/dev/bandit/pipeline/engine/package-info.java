/** Where work is done that can be done in parts: by threads of this process, or by Apache Spark. */
@NullMarked
package dev.bandit.pipeline.engine;

import org.jspecify.annotations.NullMarked;
