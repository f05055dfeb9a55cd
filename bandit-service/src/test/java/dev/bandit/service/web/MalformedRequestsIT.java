package dev.bandit.service.web;

import static dev.bandit.service.web.Template.optional;
import static dev.bandit.service.web.Template.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.BanditApplication;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.web.RawHttp.Answer;
import dev.bandit.service.web.Template.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Ten thousand requests, each valid but for one thing, are refused, and nothing comes of them. */
@SpringBootTest(
        classes = BanditApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = "bandit.snapshot.interval=1d")
class MalformedRequestsIT {

    private static final long SEED = 20260301;
    private static final int REQUESTS = 10_000;
    private static final int THREADS = 4;

    private static final String REDIS = Servers.freshRedis();
    private static final Servers.Database POSTGRES = Servers.freshDatabase();

    private static final String[] NO_DURATIONS = {"\"\"", "\"-1s\"", "\"366d\"", "\"1 h\"", "\"PT1H\"", "\"soon\""};

    /** What must be refused names its field. */
    private static final Template PLAN = new Template(
            "POST",
            "/plan",
            """
            {"arms":[{"name":"a","rate":0.1},{"name":"b","rate":0.2}],"traffic":1000,"delay":"1h","refresh":"1m","look_every":"1h",
             "max_days":7,"min_allocation":0.05,"prior":{"alpha":2,"beta":3},
             "guardrails":{"min_lift":0.02,"max_latency_regression":0.5,"alpha":0.1,"power":0.9,"on_regression":"report"},
             "stop":{"prob_best":0.9,"max_expected_loss":0.01,"max_value_remaining":0.1,"min_decisions_per_arm":10,
              "min_runtime":"1h","auto_conclude":false},
             "rule":"posterior","replications":50,"seed":7}""",
            List.of(
                    required(
                            "arms",
                            Kind.ARRAY,
                            "[]",
                            "[{\"name\":\"a\",\"rate\":0.1}]",
                            IntStream.range(0, 21)
                                    .mapToObj(i -> "{\"name\":\"a" + i + "\",\"rate\":0.1}")
                                    .collect(Collectors.joining(",", "[", "]"))),
                    optional("arms[0]", Kind.OBJECT, "null"),
                    required("arms[0].name", Kind.TEXT, "\"\"", "\"a b\"", "\"ä\"", "\"" + "a".repeat(129) + "\""),
                    required("arms[1].name", Kind.TEXT, "\"a\"", "\"\\u0000\"", "\"\\ud800\""),
                    required("arms[0].rate", Kind.NUMBER, "0", "1", "-0.1", "1.5", "1e300"),
                    required("arms[1].rate", Kind.NUMBER, "0", "1", "-1e-300", "1.0000000000000002"),
                    required("traffic", Kind.WHOLE, "0", "-1", "100000001", "9223372036854775807"),
                    optional("delay", Kind.TEXT, NO_DURATIONS),
                    optional("refresh", Kind.TEXT, NO_DURATIONS),
                    optional("look_every", Kind.TEXT, NO_DURATIONS),
                    optional("look_every", Kind.TEXT, "\"0s\"", "\"59s\""),
                    optional("max_days", Kind.WHOLE, "0", "-1", "366", "2147483648"),
                    optional("min_allocation", Kind.NUMBER, "-0.1", "0.51", "1e300"),
                    optional("prior", Kind.OBJECT),
                    optional("prior.alpha", Kind.NUMBER, "0", "-1", "1e7", "1.0000001", "1e-7", "0.009999"),
                    optional("prior.beta", Kind.NUMBER, "0", "-1", "1e7", "1.0000001", "1e-7", "0.009999"),
                    optional("guardrails", Kind.OBJECT),
                    // Together with the control's rate it would be 1 or more.
                    optional("guardrails.min_lift", Kind.NUMBER, "-0.1", "1.1", "0.9"),
                    optional("guardrails.max_latency_regression", Kind.NUMBER, "-1", "100.1"),
                    optional("guardrails.alpha", Kind.NUMBER, "0", "1", "-1"),
                    // No more than alpha.
                    optional("guardrails.power", Kind.NUMBER, "0", "1", "0.1"),
                    optional("guardrails.on_regression", Kind.TEXT, "\"\"", "\"stop\""),
                    optional("stop", Kind.OBJECT),
                    optional("stop.prob_best", Kind.NUMBER, "1.1", "-0.1"),
                    optional("stop.max_expected_loss", Kind.NUMBER, "1.1", "-0.1"),
                    optional("stop.max_value_remaining", Kind.NUMBER, "-0.1", "1000001"),
                    optional("stop.min_decisions_per_arm", Kind.WHOLE, "-1", "1000000000001"),
                    // Longer than max_days.
                    optional("stop.min_runtime", Kind.TEXT, "\"\"", "\"-1s\"", "\"4000d\"", "\"soon\"", "\"8d\""),
                    optional("stop.auto_conclude", Kind.BOOLEAN),
                    optional("rule", Kind.TEXT, "\"\"", "\"Posterior\"", "\"p_value\""),
                    optional("replications", Kind.WHOLE, "49", "2001", "-50", "2147483648"),
                    optional("seed", Kind.WHOLE, "9223372036854775808")));

    @LocalServerPort
    private int port;

    private RawHttp http = new RawHttp(0);
    private final List<String> decisions = new ArrayList<>();

    @DynamicPropertySource
    static void servers(DynamicPropertyRegistry registry) {
        Servers.register(registry, REDIS, POSTGRES);
        // What the service writes by itself would look like a change.
        registry.add("bandit.totals.interval", () -> "1h");
    }

    @BeforeEach
    void a_little_history() {
        http = new RawHttp(port);
        String arms = "{\"variants\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"c\"}]}";
        for (String id : List.of("live", "asleep", "ended", "gone")) {
            JsonNode experiment = done(http.send("PUT", "/experiments/" + id, arms));
            if (!experiment.get("status").asString().equals("running")) {
                done(http.send("POST", "/experiments/" + id + "/resume")); // a try before this one has left it so
            }
            for (int i = 0; i < 20; i++) {
                JsonNode decision = done(http.send("POST", "/select", "{\"experiment_id\":\"" + id + "\"}"));
                decisions.add(decision.get("decision_id").asString());
            }
            done(http.send("POST", "/reward", "{\"decision_id\":\"" + decisions.removeLast() + "\",\"reward\":0.5}"));
        }
        done(http.send("POST", "/experiments/asleep/pause"));
        done(http.send("POST", "/experiments/ended/conclude", "{\"winner\":\"b\"}"));
        done(http.send("DELETE", "/experiments/gone"));
    }

    private static JsonNode done(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 299);
        return answer.json();
    }

    private List<Template> templates() {
        String ids = "\"\",\" \",\"a b\",\"ä\",\"unknown\",\"a/b\",\"..\",\"live\\u0000\",\"LIVE\",\"" + "a".repeat(129)
                + '"';
        String[] noExperiment = (ids + ",\"asleep\",\"gone\"").split(",");
        String[] noRunning = (ids + ",\"gone\"").split(",");
        String[] noName = {"\"\"", "\"a\\u0000\"", "\"\\ud800\"", "\"" + "a".repeat(257) + "\"", "\"\\n\""};
        String[] noReward = {"-0.000001", "1.000001", "2", "-1", "1e300", "-1e300", "1e10"};
        Template select = new Template(
                "POST",
                "/select",
                "{\"experiment_id\":\"live\",\"unit_id\":\"u-1\",\"eligible_arms\":[\"a\",\"b\"]}",
                List.of(
                        required("experiment_id", Kind.TEXT, noExperiment),
                        optional("unit_id", Kind.TEXT, noName),
                        optional(
                                "eligible_arms",
                                Kind.ARRAY,
                                "[]",
                                "[null]",
                                "[1]",
                                "[[\"a\"]]",
                                "[\"\"]",
                                "[\"z\"]",
                                "[\"a\",\"a\"]",
                                "[\"a\",null]")));
        Template reward = new Template(
                "POST",
                "/reward",
                "{\"decision_id\":\"" + decisions.getFirst() + "\",\"reward\":1,\"reward_id\":\"r-1\"}",
                List.of(
                        required(
                                "decision_id",
                                Kind.TEXT,
                                "\"\"",
                                "\"a\"",
                                "\"" + "A".repeat(513) + "\"",
                                "\"ä\"",
                                "\"\\u0000\""),
                        optional("reward", Kind.NUMBER, noReward),
                        optional("reward_id", Kind.TEXT, noName)));
        Template named = new Template(
                "POST",
                "/reward",
                "{\"experiment_id\":\"live\",\"arm_id\":\"a\",\"reward\":0.25,\"reward_id\":\"n-1\"}",
                List.of(
                        required("experiment_id", Kind.TEXT, noRunning),
                        required("arm_id", Kind.TEXT, "\"\"", "\"z\"", "\"A\"", "\"a \""),
                        optional("reward", Kind.NUMBER, noReward),
                        required("reward_id", Kind.TEXT, noName)));
        Template conclude = new Template(
                "POST",
                "/experiments/live/conclude",
                "{\"winner\":\"a\"}",
                List.of(optional("winner", Kind.TEXT, "\"\"", "\"z\"", "\"A\"", "\"a\\u0000\"")));
        return List.of(
                select,
                select.batch("/select/batch", "requests"),
                reward,
                reward.batch("/reward/batch", "rewards"),
                named,
                named.batch("/reward/batch", "rewards"),
                definition("/experiments/live"),
                definition("/experiments/new"),
                conclude,
                PLAN);
    }

    private static Template definition(String path) {
        return new Template(
                "PUT",
                path,
                """
                {"variants":[{"name":"a","allocation":0.5,"control":true},{"name":"b","allocation":0.5}],"policy":"top_two",
                 "epsilon":0.2,"prior":{"alpha":2,"beta":3},"feedback":"explicit","exposure_event":"Shown","success_event":"Clicked",
                 "min_allocation":0.01,"sticky_ttl":"24h","reward_ack":"ledger","decision_ack":"async",
                 "guardrails":{"min_lift":0.1,"max_latency_regression":0.5,"alpha":0.1,"power":0.9},
                 "stop":{"prob_best":0.9,"max_expected_loss":0.01,"min_decisions_per_arm":10,"min_runtime":"1h"}}""",
                List.of(
                        required(
                                "variants",
                                Kind.ARRAY,
                                "[]",
                                "[{}]",
                                "[null,null]",
                                "[{\"name\":\"a\"},{\"name\":\"a\"}]",
                                "[[],[]]"),
                        optional("variants[0]", Kind.OBJECT, "{}", "null"),
                        required(
                                "variants[0].name",
                                Kind.TEXT,
                                "\"\"",
                                "\"a b\"",
                                "\"b\"",
                                "\"ä\"",
                                "\"" + "a".repeat(129) + "\""),
                        optional("variants[1].allocation", Kind.NUMBER, "-0.5", "0.4", "1.5", "null", "1e300"),
                        optional("variants[1].control", Kind.BOOLEAN, "true"),
                        optional("policy", Kind.TEXT, "\"\"", "\"Thompson\"", "\"ucb\""),
                        optional("epsilon", Kind.NUMBER, "-0.1", "1.1", "1e300"),
                        optional("prior", Kind.OBJECT, "{\"alpha\":0}", "{\"gamma\":1}"),
                        optional("prior.alpha", Kind.NUMBER, "0", "-1", "1e7", "1.0000001", "1e-7"),
                        optional("prior.beta", Kind.NUMBER, "0", "-1", "1e7"),
                        optional("feedback", Kind.TEXT, "\"\"", "\"window\"", "\"Explicit\""),
                        optional("exposure_event", Kind.TEXT, "\"\"", "\"Clicked\"", "\"a\\u0000\"", "\"\\udfff\""),
                        optional("min_allocation", Kind.NUMBER, "-0.1", "0.51", "1e300"),
                        optional(
                                "sticky_ttl",
                                Kind.TEXT,
                                "\"\"",
                                "\"0s\"",
                                "\"366d\"",
                                "\"1 h\"",
                                "\"PT1H\"",
                                "\"99999999999h\""),
                        optional("reward_ack", Kind.TEXT, "\"\"", "\"redis\""),
                        optional("decision_ack", Kind.TEXT, "\"\"", "\"ledger\""),
                        optional("guardrails", Kind.OBJECT, "{\"x\":1}"),
                        optional("guardrails.alpha", Kind.NUMBER, "0", "1", "-1"),
                        optional("stop", Kind.OBJECT, "{\"x\":1}"),
                        optional("stop.prob_best", Kind.NUMBER, "1.1", "-0.1"),
                        optional("stop.min_decisions_per_arm", Kind.WHOLE, "-1", "1000000000001"),
                        optional("stop.min_runtime", Kind.TEXT, "\"\"", "\"-1s\"", "\"4000d\"", "\"soon\"")));
    }

    private List<Malformed> generated(List<Template> templates) {
        Random random = new Random(SEED);
        BodyMutations bodies = new BodyMutations(random);
        EnvelopeMutations envelopes = new EnvelopeMutations(random);
        Forgeries forgeries = new Forgeries(random, decisions);
        return IntStream.range(0, REQUESTS)
                .mapToObj(i -> {
                    Template template = templates.get(random.nextInt(templates.size()));
                    if (i % 500 == 0) {
                        return envelopes.huge(template.method(), template.path());
                    }
                    return switch (i % 10) {
                        case 0 -> forgeries.next();
                        case 1, 2 -> envelopes.next();
                        default -> bodies.next(template);
                    };
                })
                .toList();
    }

    @Test
    void ten_thousand_malformed_requests_are_refused_and_change_nothing() throws InterruptedException {
        List<Template> templates = templates();
        List<Malformed> requests = Stream.concat(
                        generated(templates).stream(), new BodyMutations(new Random(SEED)).each(PLAN))
                .toList();
        StateDump dump = new StateDump(REDIS, POSTGRES);
        Map<String, String> before = settled(dump);
        assertThat(before.keySet()).anyMatch(key -> key.startsWith("redis experiment:{live}:arm:"));
        assertThat(before.get("postgres bandit_events")).doesNotStartWith("0 ");
        Queue<Malformed> todo = new ConcurrentLinkedQueue<>(requests);
        Queue<String> accepted = new ConcurrentLinkedQueue<>();
        List<Thread> threads = IntStream.range(0, THREADS)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    for (Malformed request = todo.poll(); request != null; request = todo.poll()) {
                        String complaint = complaint(request);
                        if (complaint != null) {
                            accepted.add(complaint);
                        }
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(accepted.stream().sorted().limit(40).toList())
                .as("seed %d, %d of %d requests not refused as they should be", SEED, accepted.size(), requests.size())
                .isEmpty();
        assertThat(settled(dump)).isEqualTo(before);
        for (Template template : templates) {
            // Each of them was wrong because of what was done to it.
            done(http.send(template.method(), template.path(), template.json()));
        }
    }

    /** What the relay and the rest still had to do is done when two looks a moment apart see the same. */
    private static Map<String, String> settled(StateDump dump) {
        List<Map<String, String>> looks = new ArrayList<>(List.of(Map.of()));
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> {
                    looks.add(dump.take());
                    return looks.getLast().equals(looks.get(looks.size() - 2));
                });
        return looks.getLast();
    }

    private @Nullable String complaint(Malformed request) {
        try {
            Answer answer = http.send(request.request());
            if (answer.status() == 200 && request.itemwise()) {
                JsonNode items = answer.json().iterator().next();
                return items.size() == 1 && isProblem(items.get(0).path("error"), request)
                        ? null
                        : request.what() + " -> " + answer;
            }
            boolean refused = answer.status() >= 400
                    && answer.status() < 500
                    && String.valueOf(answer.header("Content-Type")).startsWith("application/problem+json")
                    && answer.json().path("status").asInt() == answer.status()
                    && isProblem(answer.json(), request);
            return refused ? null : request.what() + " -> " + answer;
        } catch (RuntimeException e) {
            return request.what() + " -> " + e;
        }
    }

    private static boolean isProblem(JsonNode problem, Malformed request) throws JacksonException {
        int status = problem.path("status").asInt();
        return status >= 400
                && status < 500
                && !problem.path("detail").asString("").isBlank()
                && !problem.path("title").asString("").isBlank()
                && (request.field() == null
                        || request.field().equals(problem.path("field").asString("")));
    }
}
