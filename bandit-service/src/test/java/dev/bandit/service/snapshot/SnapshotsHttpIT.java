package dev.bandit.service.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.LiveService;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code GET /experiments/{id}/snapshots}; a snapshot is taken every second here. */
class SnapshotsHttpIT extends LiveService {

    @Test
    void all_snapshots_come_oldest_first_and_the_newest_has_what_was_learned() {
        String id = experiment(2);
        reward(select(id).text("decision_id"), 1);
        await().atMost(Duration.ofSeconds(20)).until(() -> snapshots(id, "").size() >= 4 && trials(id) == 1);
        List<Instant> times = times(id, "");
        assertThat(times).isSorted().doesNotHaveDuplicates();
        JsonNode arms = snapshots(id, "").get(0).get("arms");
        assertThat(arms.findValuesAsString("arm_id")).containsExactly("a", "b");
        assertThat(arms.get(0).get("ci95").get(0).asDouble()).isBetween(0.0, 0.5);
    }

    @Test
    void fewer_than_there_are_keep_the_newest_and_stay_within_the_limit() {
        String id = experiment(2);
        await().atMost(Duration.ofSeconds(20)).until(() -> snapshots(id, "").size() >= 5);
        Instant newest = times(id, "").getLast();
        List<Instant> thinned = times(id, "?limit=2");
        assertThat(thinned).hasSizeBetween(1, 2);
        assertThat(thinned.getLast()).isAfterOrEqualTo(newest);
        assertThat(times(id, "?since=" + newest)).allMatch(time -> time.isAfter(newest));
        assertThat(times(id, "?since=" + newest.plusSeconds(3_600))).isEmpty();
    }

    @Test
    void what_cannot_be_a_time_or_a_limit_is_refused() {
        String id = experiment(2);
        assertThat(http.get("/experiments/" + id + "/snapshots?since=yesterday").text("field"))
                .isEqualTo("since");
        assertThat(http.get("/experiments/" + id + "/snapshots?limit=1001").text("field"))
                .isEqualTo("limit");
        assertThat(http.get("/experiments/" + id + "/snapshots?since=%2B999999999-12-31T23:59:59Z")
                        .status())
                .isEqualTo(200);
        assertThat(http.get("/experiments/" + id + "/snapshots?since=-999999999-01-01T00:00:00Z")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void of_very_many_arms_there_are_fewer_snapshots() {
        String id = experiment(9_000);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> snapshots(id, "?limit=1000").size() >= 2);
        assertThat(snapshots(id, "?limit=1000").size()).isEqualTo(2);
    }

    private JsonNode snapshots(String id, String query) {
        return http.get("/experiments/" + id + "/snapshots" + query).body().get("snapshots");
    }

    private List<Instant> times(String id, String query) {
        List<Instant> times = new ArrayList<>();
        snapshots(id, query)
                .forEach(one -> times.add(Instant.parse(one.get("at").asString())));
        return times;
    }

    private long trials(String id) {
        JsonNode all = snapshots(id, "");
        long trials = 0;
        for (JsonNode arm : all.get(all.size() - 1).get("arms")) {
            trials += arm.get("trials").asLong();
        }
        return trials;
    }
}
