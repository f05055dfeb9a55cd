/** Where data is kept: a folder, or any server that speaks S3. */
@NullMarked
package dev.bandit.pipeline.store;

import org.jspecify.annotations.NullMarked;
