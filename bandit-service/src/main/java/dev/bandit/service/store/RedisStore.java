package dev.bandit.service.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.stereotype.Component;

/**
 * The one connection to Redis or Dragonfly: shared, pipelined, asynchronous, opened at first use and reopened by itself.
 *
 * <p>A command fails at once while the server is away (nothing queues up in the client) and after the configured timeout when it is slow.
 */
@Component
public class RedisStore {

    private final LettuceConnectionFactory connections;
    private volatile @Nullable RedisClusterAsyncCommands<byte[], byte[]> commands;

    RedisStore(LettuceConnectionFactory connections) {
        this.connections = connections;
    }

    /**
     * Runs a script, sending its text when the server does not know it.
     *
     * @return the reply; integers as {@link Long}, strings as {@code byte[]}; or failed with a Lettuce exception
     */
    public CompletableFuture<List<Object>> run(Script script, byte[][] keys, byte[][] args) {
        RedisClusterAsyncCommands<byte[], byte[]> redis;
        CompletionStage<List<Object>> reply;
        try {
            redis = commands();
            reply = redis.evalsha(script.sha1(), ScriptOutputType.MULTI, keys, args);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        return reply.toCompletableFuture().exceptionallyCompose(e -> {
            Throwable cause = e instanceof CompletionException c && c.getCause() != null ? c.getCause() : e;
            return cause instanceof RedisNoScriptException
                    ? redis.<List<Object>>eval(script.source(), ScriptOutputType.MULTI, keys, args)
                    : CompletableFuture.failedStage(cause);
        });
    }

    /**
     * Every other command.
     *
     * @throws RuntimeException when there is no connection and none can be made
     */
    @SuppressWarnings("unchecked") // Spring Data opens its native connection with a byte[] codec
    public RedisClusterAsyncCommands<byte[], byte[]> commands() {
        RedisClusterAsyncCommands<byte[], byte[]> open = commands;
        if (open != null) {
            return open;
        }
        synchronized (this) {
            if (commands == null) {
                try (RedisConnection connection = connections.getConnection()) {
                    commands = (RedisClusterAsyncCommands<byte[], byte[]>) connection.getNativeConnection();
                }
            }
            return java.util.Objects.requireNonNull(commands);
        }
    }

    /** Text or number as an argument. */
    public static byte[] arg(Object value) {
        return value.toString().getBytes(ISO_8859_1);
    }

    /** An argument's or a reply's text. */
    public static String text(Object bytes) {
        return new String((byte[]) bytes, ISO_8859_1);
    }
}
