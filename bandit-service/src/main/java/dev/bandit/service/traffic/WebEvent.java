package dev.bandit.service.traffic;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.json.JsonMapper;

/**
 * An event on the wire: docs/events.md.
 *
 * @param exposureId of a success: the event_id of its exposure
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
record WebEvent(
        String eventId,
        String eventType,
        String testId,
        String variant,
        String userId,
        String timestamp,
        @Nullable String exposureId) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    byte[] bytes() {
        return JSON.writeValueAsBytes(this);
    }
}
