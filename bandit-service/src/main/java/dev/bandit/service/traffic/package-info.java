/** Synthetic users: events to Kafka at a true rate, or the closed loop over HTTP. docs/events.md is what they send. */
@NullMarked
package dev.bandit.service.traffic;

import org.jspecify.annotations.NullMarked;
