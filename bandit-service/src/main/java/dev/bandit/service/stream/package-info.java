/** Kafka: rewards and web events come in, and end in the same recorder as those of HTTP. */
@NullMarked
package dev.bandit.service.stream;

import org.jspecify.annotations.NullMarked;
