package dev.bandit.service.stream;

import org.jspecify.annotations.Nullable;

/** A web event on the wire. Fields that are not listed are somebody else's and passed over. */
record WebEvent(
        @Nullable String eventId,
        @Nullable String eventType,
        @Nullable String testId,
        @Nullable String variant,
        @Nullable String userId,
        @Nullable String timestamp,
        @Nullable String exposureId,
        @Nullable Double value) {}
