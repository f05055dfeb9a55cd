package dev.bandit.service.reward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.store.RedisStore;
import dev.bandit.service.testing.LiveService;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.data.redis.core.StringRedisTemplate;
import tools.jackson.databind.JsonNode;

/** What remembering a reward costs, by Redis' own {@code MEMORY USAGE}; the figures are in docs/benchmarks.md. */
class RememberedRewardsIT extends LiveService {

    private static final Logger log = LoggerFactory.getLogger(RememberedRewardsIT.class);
    private static final int DECISIONS = 20_000;

    @Autowired
    private StringRedisTemplate redis;

    @Autowired
    private RedisStore store;

    @ParameterizedTest
    @CsvSource({"1.0, 1, 1", "0.1, 1, 8", "0.01, 1, 60", "1.0, 0.3, 8"})
    void remembering_a_decisions_reward_takes_a_few_bytes(double rewarded, double reward, double mostBytes) {
        String id = experiment(2);
        List<String> decisions = new ArrayList<>();
        while (decisions.size() < DECISIONS) {
            var batch = http.post(
                    "/select/batch",
                    Map.of("requests", java.util.Collections.nCopies(1000, Map.of("experiment_id", id))));
            for (JsonNode decision : batch.body().get("decisions")) {
                decisions.add(decision.get("decision_id").asString());
            }
        }
        List<String> chosen = new ArrayList<>();
        int every = (int) Math.round(1 / rewarded);
        for (int i = 0; i < decisions.size(); i += every) {
            chosen.add(decisions.get(i));
        }
        for (int from = 0; from < chosen.size(); from += 1000) {
            http.post(
                    "/reward/batch",
                    Map.of(
                            "rewards",
                            chosen.subList(from, Math.min(chosen.size(), from + 1000)).stream()
                                    .map(d -> Map.of("decision_id", d, "reward", reward))
                                    .toList()));
        }
        double bytes = memory("experiment:{" + id + "}:seen:*") + memory("experiment:{" + id + "}:value:*");
        log.info(
                "{} of decisions rewarded with {}: {} bytes per remembered reward",
                rewarded,
                reward,
                bytes / chosen.size());
        assertThat(bytes / chosen.size()).isPositive().isLessThan(mostBytes);
    }

    @Test
    void what_is_remembered_expires() {
        String id = experiment(2);
        reward(select(id).text("decision_id"), 0.5);
        http.post("/reward", Map.of("experiment_id", id, "arm_id", "a", "reward_id", "r"));
        for (String kind : List.of("seen", "value", "named")) {
            assertThat(redis.keys("experiment:{" + id + "}:" + kind + ":*"))
                    .isNotEmpty()
                    .allSatisfy(key -> assertThat(redis.getExpire(key)).isBetween(30L * 86_400, 61L * 86_400));
        }
    }

    private double memory(String pattern) {
        double bytes = 0;
        for (String key : redis.keys(pattern)) {
            bytes += java.util.Objects.requireNonNull(store.commands()
                    .memoryUsage(key.getBytes(StandardCharsets.ISO_8859_1))
                    .toCompletableFuture()
                    .join());
        }
        return bytes;
    }
}
