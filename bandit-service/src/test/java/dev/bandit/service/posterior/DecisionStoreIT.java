package dev.bandit.service.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Choice;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.ledger.Propensities;
import dev.bandit.service.posterior.DecisionStore.Batch;
import dev.bandit.service.testing.LiveService;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

class DecisionStoreIT extends LiveService {

    private static final long STREAM = 0xabcdef;

    @Autowired
    private DecisionStore store;

    @Autowired
    private ExperimentRegistry experiments;

    @Autowired
    private JdbcClient postgres;

    /** After a crash the journal gives batches that begin and end elsewhere than before. */
    @Test
    void batches_that_overlap_what_is_on_record_add_the_rest_only() {
        String id = experiment(2, "feedback", "exposure");
        deliver(id, 0, 9);
        deliver(id, 0, 9);
        deliver(id, 5, 14);
        deliver(id, 3, 4);
        deliver(id, 14, 14);
        deliver(id, 20, 24);
        deliver(id, 0, 25);

        int recorded = 10 + 5 + 5 + 1;
        assertThat(posterior(id, "a").get("decisions").asInt()
                        + posterior(id, "b").get("decisions").asInt())
                .isEqualTo(recorded);
        assertThat(posterior(id, "a").get("beta").asDouble()
                        + posterior(id, "b").get("beta").asDouble())
                .isEqualTo(2.0 + recorded);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(postgres.sql(
                                        "select count(*) from bandit_events where experiment_id = ? and kind = 'decision'")
                                .param(id)
                                .query(Integer.class)
                                .single())
                        .isEqualTo(recorded));
    }

    private void deliver(String id, long first, long last) {
        List<byte[]> decisions = LongStream.rangeClosed(first, last)
                .mapToObj(DecisionStoreIT::decision)
                .toList();
        store.deliver(experiments.get(id), Batch.read(STREAM, decisions)).join();
    }

    private static byte[] decision(long counter) {
        long now = System.currentTimeMillis();
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        event.write(Kind.DECISION.letter());
        event.writeBytes(new LedgerEvent(
                        Kind.DECISION,
                        new UUID(STREAM, counter),
                        now,
                        now,
                        arm((int) (counter % 2)),
                        null,
                        new Choice(0.5, "thompson", 1, 1, Propensities.of(0.5, 0.5)),
                        -1,
                        null)
                .body());
        return event.toByteArray();
    }
}
