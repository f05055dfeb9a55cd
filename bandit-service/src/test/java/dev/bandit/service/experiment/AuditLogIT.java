package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.testing.LiveService;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** {@code GET /experiments/{id}/audit-log}. */
class AuditLogIT extends LiveService {

    @Test
    void what_was_done_is_told_newest_first_page_by_page() {
        String id = experiment(2);
        String path = "/experiments/" + id;
        http.post(path + "/pause", null);
        http.post(path + "/resume", null);
        http.post(path + "/conclude", Map.of("winner", "b"));

        JsonNode first = http.get(path + "/audit-log?limit=3").body();
        assertThat(first.get("entries").findValuesAsString("action")).containsExactly("conclude", "resume", "pause");
        JsonNode conclude = first.get("entries").get(0);
        assertThat(conclude.get("version").asInt()).isEqualTo(4);
        assertThat(conclude.get("actor").asString()).isEqualTo("127.0.0.1");
        assertThat(conclude.at("/detail/to").asString()).isEqualTo("concluded");

        JsonNode rest = http.get(path + "/audit-log?limit=3&before=" + first.get("next"))
                .body();
        assertThat(rest.get("entries").findValuesAsString("action")).containsExactly("create");
        assertThat(rest.get("next").isNull()).isTrue();
    }

    @Test
    void an_unknown_experiment_and_a_wrong_limit_are_refused() {
        assertThat(http.get("/experiments/none/audit-log").status()).isEqualTo(404);
        assertThat(http.get("/experiments/" + experiment(2) + "/audit-log?limit=101")
                        .text("field"))
                .isEqualTo("limit");
    }
}
