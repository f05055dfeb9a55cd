package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;

import dev.bandit.service.store.Await;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.RedisStore;
import dev.bandit.service.store.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The writes of one rebuild, pipelined. Each happens only while this rebuild has the state closed, so one that was held up on its way cannot
 * spoil what a later rebuild has made.
 */
final class Restore {

    private static final int PIPELINE = 500;
    private static final int FIELDS = 250;

    private final RedisStore store;
    private final byte[] epochKey;
    private final byte[] closed;
    private final List<CompletableFuture<List<Object>>> sent = new ArrayList<>();

    /** @param closed the epoch that this rebuild has put in place */
    Restore(RedisStore store, Keys keys, String closed) {
        this.store = store;
        this.epochKey = keys.epoch();
        this.closed = arg(closed);
    }

    void unlink(byte[] key) {
        send(key, "unlink", List.of());
    }

    void set(byte[] key, byte[] value) {
        send(key, "set", List.of(value));
    }

    void set(byte[] key, byte[] value, long seconds) {
        send(key, "setex", List.of(arg(seconds), value));
    }

    void expire(byte[] key, long seconds) {
        send(key, "expire", List.of(arg(seconds)));
    }

    /** Any number of fields: a bounded number a command. */
    void hash(byte[] key, Map<byte[], byte[]> fields) {
        List<byte[]> some = new ArrayList<>(2 * FIELDS);
        for (var field : fields.entrySet()) {
            some.add(field.getKey());
            some.add(field.getValue());
            if (some.size() == 2 * FIELDS) {
                send(key, "hset", some);
                some.clear();
            }
        }
        if (!some.isEmpty()) {
            send(key, "hset", some);
        }
    }

    void append(byte[] stream, byte[] field, byte[] value) {
        send(stream, "xadd", List.of(field, value));
    }

    private void send(byte[] key, String verb, List<byte[]> values) {
        byte[][] args = new byte[values.size() + 2][];
        args[0] = closed;
        args[1] = arg(verb);
        for (int i = 0; i < values.size(); i++) {
            args[i + 2] = values.get(i);
        }
        sent.add(store.runInOrder(Script.RESTORE, new byte[][] {epochKey, key}, args));
        if (sent.size() >= PIPELINE) {
            finish();
        }
    }

    /**
     * Waits for all writes so far.
     *
     * @throws FenceRefused when another rebuild has taken over
     */
    void finish() {
        for (CompletableFuture<List<Object>> reply : sent) {
            if ((Long) Await.reply(reply).getFirst() < 0) {
                throw new FenceRefused("Another rebuild has taken over.");
            }
        }
        sent.clear();
    }
}
