package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.BanditApplication;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.web.RawHttp.Answer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Definitions and their lifecycle as a caller sees them. */
@SpringBootTest(classes = BanditApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ExperimentHttpIT {

    private static final String TWO = "{\"variants\":[{\"name\":\"a\"},{\"name\":\"b\"}]}";
    private static final String THREE = "{\"variants\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}";

    @LocalServerPort
    private int port;

    @Autowired
    private JdbcClient jdbc;

    private RawHttp http = new RawHttp(0);

    @DynamicPropertySource
    static void servers(DynamicPropertyRegistry registry) {
        Servers.register(registry);
    }

    @BeforeEach
    void client() {
        http = new RawHttp(port);
    }

    private static JsonNode ok(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void created_experiment_says_where_it_is_and_what_it_is() {
        Answer created = http.send("PUT", "/experiments/created", TWO);

        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location")).isEqualTo("/experiments/created");
        assertThat(created.header("ETag")).isEqualTo("\"1\"");
        JsonNode json = created.json();
        assertThat(json.propertyNames())
                .containsExactly(
                        "id",
                        "version",
                        "status",
                        "winner",
                        "created_at",
                        "updated_at",
                        "policy",
                        "epsilon",
                        "prior",
                        "feedback",
                        "window",
                        "exposure_event",
                        "success_event",
                        "variants",
                        "min_allocation",
                        "sticky_ttl",
                        "reward_ack",
                        "decision_ack",
                        "guardrails",
                        "stop");
        assertThat(json.get("stop").get("min_runtime").asString()).isEqualTo("72h");
        assertThat(ok(http.send("GET", "/experiments/created"))).isEqualTo(json);
    }

    @Test
    void definition_taken_from_an_answer_can_be_put_back() {
        ObjectNode answer =
                (ObjectNode) http.send("PUT", "/experiments/again", THREE).json();
        answer.remove(List.of("id", "version", "status", "winner", "created_at", "updated_at"));

        Answer again = http.send("PUT", "/experiments/again", answer.toString());

        assertThat(ok(again).get("version").asInt()).isEqualTo(1);
    }

    @Test
    void stale_writer_is_told_the_version_that_stands() {
        http.send("PUT", "/experiments/stale", TWO);
        ok(http.send("PUT", "/experiments/stale", THREE, "If-Match: \"1\""));

        Answer late = http.send("PUT", "/experiments/stale", TWO, "If-Match: \"1\"");

        assertThat(late.status()).isEqualTo(412);
        assertThat(late.json().get("field").asString()).isEqualTo("If-Match");
        assertThat(late.json().get("detail").asString()).contains("stands at version \"2\"");
        assertThat(http.send("PUT", "/experiments/stale", TWO, "If-None-Match: *")
                        .status())
                .isEqualTo(412);
        assertThat(http.send("POST", "/experiments/stale/pause", "", "If-Match: \"1\"")
                        .status())
                .isEqualTo(412);
        assertThat(ok(http.send("GET", "/experiments/stale")).get("version").asInt())
                .isEqualTo(2);
    }

    @Test
    void life_of_an_experiment() {
        http.send("PUT", "/experiments/life", TWO);
        assertThat(ok(http.send("POST", "/experiments/life/pause"))
                        .get("status")
                        .asString())
                .isEqualTo("paused");
        assertThat(ok(http.send("POST", "/experiments/life/resume"))
                        .get("status")
                        .asString())
                .isEqualTo("running");
        assertThat(ok(http.send("POST", "/experiments/life/conclude", "{\"winner\":\"b\"}"))
                        .get("winner")
                        .asString())
                .isEqualTo("b");

        Answer refused = http.send("POST", "/experiments/life/pause");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.json().get("detail").asString())
                .contains("experiment life is concluded and cannot be paused");

        JsonNode archived = ok(http.send("DELETE", "/experiments/life"));
        assertThat(archived.get("status").asString()).isEqualTo("archived");
        assertThat(archived.get("winner").isNull()).isTrue();
        assertThat(ok(http.send("PUT", "/experiments/life", TWO)).get("status").asString())
                .isEqualTo("running");
        assertThat(http.send("PUT", "/experiments/life", TWO.replace("}]", "}],\"feedback\":\"exposure\""))
                        .status())
                .isEqualTo(409);
    }

    @Test
    void conclusion_without_a_winner_takes_the_best_arm() {
        http.send("PUT", "/experiments/best", TWO);
        for (int i = 0; i < 30; i++) {
            String reward = "{\"experiment_id\":\"best\",\"arm_id\":\"%s\",\"reward\":%d,\"reward_id\":\"r%d\"}";
            ok(http.send("POST", "/reward", reward.formatted(i % 2 == 0 ? "a" : "b", i % 2, i)));
        }

        assertThat(ok(http.send("POST", "/experiments/best/conclude"))
                        .get("winner")
                        .asString())
                .isEqualTo("b");
        assertThat(ok(http.send("POST", "/select", "{\"experiment_id\":\"best\"}"))
                        .get("propensity")
                        .asDouble())
                .isEqualTo(1.0);
    }

    @Test
    void history_and_audit_know_who_did_what() {
        http.send("PUT", "/experiments/audited", TWO, "X-Bandit-Actor: ann@example.org");
        http.send("PUT", "/experiments/audited", THREE, "X-Bandit-Actor: b\u0085en" + "x".repeat(200));
        http.send("POST", "/experiments/audited/pause");

        JsonNode history = ok(http.send("GET", "/experiments/audited/history"));

        assertThat(history.get("versions")
                        .valueStream()
                        .map(version -> version.get("version").asInt()))
                .containsExactly(3, 2, 1);
        assertThat(history.get("versions").get(2).get("actor").asString()).isEqualTo("ann@example.org");
        assertThat(history.get("versions").get(1).get("actor").asString())
                .startsWith("b?enxxx")
                .hasSize(128);
        assertThat(history.get("versions").get(0).get("actor").asString()).isEqualTo("127.0.0.1");
        assertThat(history.get("versions")
                        .get(1)
                        .get("definition")
                        .get("variants")
                        .size())
                .isEqualTo(3);
        assertThat(history.get("next").isNull()).isTrue();
        JsonNode page = ok(http.send("GET", "/experiments/audited/history?limit=1&before=3"));
        assertThat(page.get("versions").get(0).get("version").asInt()).isEqualTo(2);
        assertThat(page.get("next").asInt()).isEqualTo(2);
        assertThat(jdbc.sql("select action from audit_log where experiment_id = 'audited' order by id")
                        .query(String.class)
                        .list())
                .containsExactly("create", "put", "pause");
    }

    @Test
    void list_is_paged_by_id_and_leaves_out_what_is_archived() {
        for (String id : List.of("list-3", "list-1", "list-2", "list-4")) {
            http.send("PUT", "/experiments/" + id, TWO);
        }
        ok(http.send("DELETE", "/experiments/list-2"));
        List<String> found = new ArrayList<>();
        String after = "list-";
        while (after != null) {
            JsonNode page = ok(http.send("GET", "/experiments?limit=2&after=" + after));
            assertThat(page.get("experiments").size()).isLessThanOrEqualTo(2);
            page.get("experiments").forEach(one -> found.add(one.get("id").asString()));
            after = page.get("next").isNull() ? null : page.get("next").asString();
        }

        assertThat(found.stream().filter(id -> id.startsWith("list-"))).containsExactly("list-1", "list-3", "list-4");
        assertThat(http.send("GET", "/experiments?include=archived&limit=1000").body())
                .contains("\"list-2\"");
    }

    @Test
    void unchanged_experiment_need_not_be_sent_again() {
        http.send("PUT", "/experiments/cached", TWO);

        Answer again =
                http.send(RawHttp.request("GET", "/experiments/cached", new byte[0], null, "If-None-Match: \"1\""));

        assertThat(again.status()).isEqualTo(304);
    }
}
