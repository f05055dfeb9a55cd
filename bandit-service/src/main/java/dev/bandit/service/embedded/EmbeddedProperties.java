package dev.bandit.service.embedded;

import dev.bandit.service.embedded.RedisServer.Fsync;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The servers that are started when none is configured.
 *
 * @param binaries the folder of the jars that hold the servers' programs; {@code embedded} beside the service's jar when unset
 */
@ConfigurationProperties("bandit.embedded")
record EmbeddedProperties(
        @Nullable Path binaries,
        @DefaultValue Redis redis,
        @DefaultValue Postgres postgres,
        @DefaultValue Kafka kafka) {

    /** @param appendfsync when an acknowledged write is on disk: {@code everysec} may lose a second on a power cut */
    record Redis(@DefaultValue("everysec") Fsync appendfsync) {}

    /** @param maxConnections PostgreSQL's limit of connections */
    record Postgres(@DefaultValue("60") int maxConnections) {}

    /**
     * @param enabled whether a broker is started; unlike the other servers it is only where it is asked for
     * @param port where the broker listens, on loopback; another when that one is taken
     * @param maxHeap the broker's {@code -Xmx}
     */
    record Kafka(
            @DefaultValue("false") boolean enabled,
            @DefaultValue("9092") int port,
            @DefaultValue("256m") String maxHeap) {}
}
