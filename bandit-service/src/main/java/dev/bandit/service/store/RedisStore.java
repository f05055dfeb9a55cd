package dev.bandit.service.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The one connection to Redis or Dragonfly: shared, pipelined, asynchronous, opened at first use and reopened by itself.
 *
 * <p>A command fails at once while the server is away (nothing queues up in the client) and after the configured timeout when it is slow.
 */
@Component
public class RedisStore {

    private static final Logger log = LoggerFactory.getLogger(RedisStore.class);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final LettuceConnectionFactory connections;
    private final AtomicBoolean opening = new AtomicBoolean();
    private volatile @Nullable RedisClusterAsyncCommands<byte[], byte[]> commands;
    /** Why there is no connection; null before the first attempt. */
    private volatile @Nullable RuntimeException failure;

    private volatile long heardNanos;

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
     * Runs a script by its text: calls made one after the other run in that order, which {@link #run} does not promise, since a call that
     * has to send its text after all is overtaken by later ones.
     */
    public CompletableFuture<List<Object>> runInOrder(Script script, byte[][] keys, byte[][] args) {
        try {
            return commands()
                    .<List<Object>>eval(script.source(), ScriptOutputType.MULTI, keys, args)
                    .toCompletableFuture();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Every other command. Only the very first call waits for a connection to be made; where there is none, later calls fail at once while
     * one is tried for in the background.
     *
     * @throws RuntimeException when there is no connection
     */
    public RedisClusterAsyncCommands<byte[], byte[]> commands() {
        RedisClusterAsyncCommands<byte[], byte[]> open = commands;
        if (open != null) {
            return open;
        }
        if (failure == null) {
            synchronized (this) {
                if (commands == null && failure == null) {
                    open();
                }
            }
        }
        open = commands;
        if (open != null) {
            return open;
        }
        openLater();
        throw new RedisConnectionFailureException("There is no connection to Redis.", failure);
    }

    @SuppressWarnings("unchecked") // Spring Data opens its native connection with a byte[] codec
    private void open() {
        try (RedisConnection connection = connections.getConnection()) {
            heardNanos = System.nanoTime();
            commands = (RedisClusterAsyncCommands<byte[], byte[]>) connection.getNativeConnection();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void openLater() {
        if (opening.compareAndSet(false, true)) {
            Thread.ofVirtual().name("redis").start(() -> {
                open();
                LockSupport.parkNanos(PAUSE_NANOS);
                opening.set(false);
            });
        }
    }

    /**
     * A server that is lost without a word leaves a connection that does not fail: TCP would go on trying for a quarter of an hour. One that
     * answers nothing is given up for a new one.
     */
    @Scheduled(fixedDelay = 1_000)
    void watch() {
        RedisClusterAsyncCommands<byte[], byte[]> open = commands;
        if (open == null) {
            return;
        }
        if (System.nanoTime() - heardNanos > SILENCE_NANOS) {
            log.warn(
                    "Redis has not answered for {} s, its connection is given up for a new one",
                    SILENCE_NANOS / 1_000_000_000);
            failure = new RedisConnectionFailureException("Redis does not answer.");
            commands = null;
            connections.resetConnection();
            openLater();
            return;
        }
        open.ping().whenComplete((pong, failed) -> {
            if (!(failed instanceof RedisCommandTimeoutException)) {
                heardNanos = System.nanoTime();
            }
        });
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
