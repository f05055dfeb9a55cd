package dev.bandit.service.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DecisionIdTest {

    @Test
    void the_event_id_is_stream_and_counter() {
        DecisionId id = new DecisionId(0xfedcba9876543210L, 123_456_789, "e", "a", Instant.EPOCH, 1, 0);

        assertThat(id.eventId()).isEqualTo(UUID.fromString("fedcba98-7654-3210-0000-0000075bcd15"));
    }

    @Test
    void the_time_is_cut_to_milliseconds() {
        DecisionId id = new DecisionId(1, 1, "e", "a", Instant.parse("2026-01-01T00:00:00.123999999Z"), 1, 1);

        assertThat(id.decidedAt()).isEqualTo(Instant.parse("2026-01-01T00:00:00.123Z"));
    }

    @Test
    void out_of_range_are_refused() {
        refuses("counter", 1, -1, "e", "a", 0, 0.5, 1);
        refuses("experimentId", 1, 1, "", "a", 0, 0.5, 1);
        refuses("experimentId", 1, 1, "e".repeat(129), "a", 0, 0.5, 1);
        refuses("experimentId", 1, 1, "é", "a", 0, 0.5, 1);
        refuses("armId", 1, 1, "e", "a\n", 0, 0.5, 1);
        refuses("decidedAt", 1, 1, "e", "a", -1, 0.5, 1);
        refuses("decidedAt", 1, 1, "e", "a", 1L << 48, 0.5, 1);
        refuses("propensity", 1, 1, "e", "a", 0, 0, 1);
        refuses("propensity", 1, 1, "e", "a", 0, 1.0000001, 1);
        refuses("propensity", 1, 1, "e", "a", 0, Double.NaN, 1);
        refuses("posteriorVersion", 1, 1, "e", "a", 0, 0.5, -1);
    }

    private static void refuses(
            String field,
            long stream,
            long counter,
            String experiment,
            String arm,
            long millis,
            double propensity,
            long version) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DecisionId(
                        stream, counter, experiment, arm, Instant.ofEpochMilli(millis), propensity, version))
                .withMessageStartingWith(field);
    }
}
