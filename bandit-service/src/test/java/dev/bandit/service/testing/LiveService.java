package dev.bandit.service.testing;

import dev.bandit.service.BanditApplication;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** The whole service in this JVM on real servers, one for all classes that extend this; each test makes experiments of its own. */
@SpringBootTest(classes = BanditApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
public abstract class LiveService {

    private static int made;

    @LocalServerPort
    private int port;

    protected ServiceProcessClient http = new ServiceProcessClient("");

    @DynamicPropertySource
    static void servers(DynamicPropertyRegistry registry) throws Exception {
        Servers.register(registry);
        Path data = Files.createTempDirectory("bandit-live");
        registry.add("bandit.data-dir", data::toString);
        registry.add("bandit.reward.sweep-interval", () -> "100ms");
        registry.add("bandit.snapshot.interval", () -> "1s");
    }

    @BeforeEach
    void connect() {
        http = new ServiceProcessClient(url());
    }

    /** Where the service listens. */
    protected String url() {
        return "http://127.0.0.1:" + port;
    }

    /**
     * Creates an experiment with arms a, b, … and these further fields; answers its id. Unless they say otherwise, a decision that has been
     * answered shows in the posteriors.
     */
    protected String experiment(int arms, Object... fields) {
        List<Map<String, Object>> variants = new ArrayList<>();
        for (int i = 0; i < arms; i++) {
            variants.add(Map.of("name", arm(i)));
        }
        Map<String, Object> body = new TreeMap<>(ServiceProcessClient.object(fields));
        body.putIfAbsent("variants", variants);
        body.putIfAbsent("decision_ack", "store");
        String id = "e" + ++made;
        Answer answer = http.put("/experiments/" + id, body);
        if (answer.status() != 201) {
            throw new AssertionError(answer.toString());
        }
        return id;
    }

    /** a, b, … z, a1, b1, … */
    protected static String arm(int i) {
        return (char) ('a' + i % 26) + (i < 26 ? "" : Integer.toString(i / 26));
    }

    protected Answer select(String experiment) {
        return http.post("/select", Map.of("experiment_id", experiment));
    }

    protected Answer reward(String decisionId, double reward) {
        return http.post("/reward", Map.of("decision_id", decisionId, "reward", reward));
    }

    /** The arm as {@code GET …/posterior} shows it. */
    protected JsonNode posterior(String experiment, String arm) {
        for (JsonNode one :
                http.get("/experiments/" + experiment + "/posterior").body().get("arms")) {
            if (one.get("arm_id").asString().equals(arm)) {
                return one;
            }
        }
        throw new AssertionError("no arm " + arm + " in " + experiment);
    }
}
