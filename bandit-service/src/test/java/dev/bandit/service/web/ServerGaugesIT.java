package dev.bandit.service.web;

import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.PostgresServer;
import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(180)
class ServerGaugesIT {

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    @Test
    void prometheus_is_told_which_server_is_away_and_that_it_is_back() {
        try (RedisServer redis = Servers.newRedis(Fsync.NO).start();
                PostgresServer postgres = Servers.newPostgres().start()) {
            ServiceProcess service = services.service(
                            redis.url(), Servers.database(postgres), "--bandit.web.health-interval=200ms")
                    .start();
            awaitUp(service, 1, 1);

            redis.kill();
            awaitUp(service, 0, 1);
            postgres.kill();
            awaitUp(service, 0, 0);
            redis.start();
            awaitUp(service, 1, 0);
            postgres.start();
            awaitUp(service, 1, 1);
        }
    }

    private static void awaitUp(ServiceProcess service, double redis, double postgres) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> up(service, "redis") == redis && up(service, "postgres") == postgres);
    }

    private static double up(ServiceProcess service, String server) {
        return service.client().metric("bandit_server_up{server=\"" + server + "\"}");
    }
}
