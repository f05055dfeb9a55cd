package dev.bandit.bench;

import dev.bandit.service.decision.DecisionId;
import dev.bandit.service.decision.DecisionIds;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Rewards as applications send them to the topic, one in ten of them 1, the others 0; no two are the same. */
sealed interface Rewards {

    /** The n-th, for an experiment with arms named arm-0 to arm-9. */
    byte[] next(long n);

    /** The experiment they are for. */
    String experiment();

    /** Named by their sender. */
    final class Named implements Rewards {

        private final UUID run = UUID.randomUUID();

        @Override
        public String experiment() {
            return "named";
        }

        @Override
        public byte[] next(long n) {
            return ("{\"experiment_id\":\"named\",\"arm_id\":\"arm-" + n % 10 + "\",\"reward_id\":\"" + run + "-" + n
                            + "\",\"reward\":" + (n % 97 % 10 == 0 ? 1 : 0) + "}")
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    /** Of decisions, signed with the service's secret and numbered as the service numbers them. */
    final class OfDecisions implements Rewards {

        private final DecisionIds ids;
        private final long stream = UUID.randomUUID().getMostSignificantBits();
        private final Instant now = Instant.now();

        OfDecisions(String secret) {
            ids = new DecisionIds(secret.getBytes(StandardCharsets.UTF_8), List.of());
        }

        @Override
        public String experiment() {
            return "rewarded";
        }

        @Override
        public byte[] next(long n) {
            String token = ids.encode(new DecisionId(stream, n, "rewarded", "arm-" + n % 10, now, 0.1, 1));
            return ("{\"decision_id\":\"" + token + "\",\"reward\":" + (n % 97 % 10 == 0 ? 1 : 0) + "}")
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }
}
