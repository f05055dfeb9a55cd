package dev.bandit.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.testing.Servers;
import io.lettuce.core.RedisClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

class RedisStoreTest {

    /** A Redis that has just lost its scripts learns them again from whoever comes first: this call or that of another. */
    @Test
    void calls_in_order_stay_in_order_while_scripts_are_forgotten_and_learned() throws Exception {
        String url = Servers.freshRedis();
        LettuceConnectionFactory connections =
                new LettuceConnectionFactory(LettuceConnectionFactory.createRedisConfiguration(url));
        connections.afterPropertiesSet();
        connections.start();
        RedisClient client = RedisClient.create(url);
        try (var other = client.connect()) {
            RedisStore store = new RedisStore(connections);
            byte[] epoch = arg("epoch");
            byte[] key = arg("key");
            other.sync().set("epoch", "e");
            for (int i = 0; i < 100; i++) {
                other.sync().scriptFlush();
                List<CompletableFuture<List<Object>>> sent = new ArrayList<>();
                for (int value = 0; value < 50; value++) {
                    if (value == i % 50) {
                        other.async().scriptLoad(Script.RESTORE.source());
                    }
                    sent.add(store.runInOrder(
                            Script.RESTORE, new byte[][] {epoch, key}, new byte[][] {arg("e"), arg("set"), arg(value)
                            }));
                }
                for (CompletableFuture<List<Object>> reply : sent) {
                    assertThat(reply.get()).containsExactly(1L);
                }
                assertThat(other.sync().get("key")).isEqualTo("49");
            }
        } finally {
            connections.destroy();
            client.shutdown();
        }
    }

    private static byte[] arg(Object text) {
        return RedisStore.arg(text);
    }
}
