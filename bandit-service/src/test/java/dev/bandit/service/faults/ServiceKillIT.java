package dev.bandit.service.faults;

import static dev.bandit.service.faults.Scene.PATIENCE;
import static dev.bandit.service.testing.ServiceProcessClient.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service dies at any moment, and with it everything that was not on disk. */
@Timeout(300)
class ServiceKillIT {

    private static final int KILLS = 10;
    private static final int WITHOUT_REDIS = 30;

    @RegisterExtension
    static final ServiceProcessExtension SERVICES = new ServiceProcessExtension();

    private static Scene scene;

    @BeforeAll
    static void start() {
        scene = new Scene(SERVICES);
    }

    @BeforeEach
    void repair() {
        scene.repair();
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    @Test
    void nothing_acknowledged_is_lost_or_counted_twice_over_ten_sudden_deaths() {
        var random = new SplittableRandom(Scene.SEED);
        var trial = scene.trial();
        try (var traffic = trial.traffic("t").start(6, Scene.SEED)) {
            for (int i = 0; i < KILLS; i++) {
                if (i % 5 == 4) {
                    var whileItStarts = random.nextInt(3_000);
                    await().pollDelay(whileItStarts, TimeUnit.MILLISECONDS).until(() -> true);
                } else {
                    Scene.awaitMore(traffic, random.nextInt(300));
                }
                scene.service.kill9();
                scene.service.launch();
            }
            scene.service.awaitReady();
            Scene.awaitMore(traffic, 200);
            traffic.stop();

            trial.agreesWith(traffic);
        }
    }

    @ParameterizedTest(name = "frozen: {0}")
    @ValueSource(booleans = {false, true})
    void decisions_made_without_redis_outlive_the_service(boolean frozen) {
        var trial = scene.trial();
        var traffic = trial.learned("before");
        var redis = scene.redis.pid();
        if (frozen) {
            ServiceProcess.signal(redis, "STOP");
        } else {
            scene.redis.kill();
        }
        for (int i = 0; i < WITHOUT_REDIS; i++) {
            traffic.select("without-" + i, null);
        }
        // Nobody has waited for Redis; that it is silent is known when it has not taken the first batch in time.
        await().atMost(PATIENCE).until(() -> traffic.select("noticed", null).degraded());

        scene.service.kill9();
        if (frozen) {
            ServiceProcess.signal(redis, "CONT");
        } else {
            scene.redis.start();
        }
        scene.service.start();

        trial.agreesWith(traffic);
    }

    @Test
    void a_service_that_starts_without_redis_makes_nothing_up_and_delivers_what_it_finds_in_its_journal() {
        var trial = scene.trial();
        var traffic = trial.learned("before");
        scene.redis.kill();
        for (int i = 0; i < WITHOUT_REDIS; i++) {
            traffic.select("without-" + i, null);
        }

        scene.service.restart();

        var answer = scene.client.post("/select", object("experiment_id", trial.id));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isPresent();
        assertThat(trial.events("decision")).hasSizeLessThan(traffic.decisions.size());
        scene.redis.start();
        trial.agreesWith(traffic);
    }
}
