package dev.bandit.service.faults;

import static dev.bandit.service.testing.ServiceProcessClient.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Selects all the time while nothing is rewarded, so that the propensities must not change, nor the version go back; and in the end somebody
 * has to be answered.
 */
final class Watch {

    private final ServiceProcessClient client;
    private final Map<String, Object> body;
    private final Map<String, Double> propensities = new HashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean watching;
    private volatile int answers;
    private @Nullable Thread thread;
    private long version;

    Watch(ServiceProcessClient client, String experiment) {
        this.client = client;
        this.body = object("experiment_id", experiment);
    }

    Watch start() {
        watching = true;
        thread = Thread.ofVirtual().start(() -> {
            while (watching) {
                try {
                    see(client.post("/select", body));
                } catch (UncheckedIOException e) {
                    // The service is down.
                }
            }
        });
        return this;
    }

    void awaitMore(int more) {
        var enough = answers + more;
        await().atMost(Scene.PATIENCE).until(() -> answers >= enough);
    }

    /** Fails if anything was wrong so far. */
    void stop() {
        watching = false;
        try {
            if (thread != null) {
                thread.join(Scene.PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(wrong).isEmpty();
    }

    /** Watches for some answers. */
    Watch watch(int more) {
        start();
        awaitMore(more);
        stop();
        return this;
    }

    private void see(Answer answer) {
        if (answer.status() >= 500) {
            return;
        }
        if (answer.status() != 200) {
            wrong.add(answer.toString());
            return;
        }
        var propensity = answer.body().required("propensity").asDouble();
        var known = propensities.putIfAbsent(answer.text("arm_id"), propensity);
        var newer = answer.body().required("posterior_version").asLong();
        if (known != null && known != propensity || newer < version) {
            wrong.add(answer + " after version " + version + ", with " + propensities);
        }
        version = Math.max(version, newer);
        answers++;
    }
}
