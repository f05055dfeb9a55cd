package dev.bandit.service.store;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for Redis where there is nothing better to do. */
public final class Await {

    private static final long TIMEOUT_S = 10;

    private Await() {}

    /**
     * The reply.
     *
     * @throws StoreUnavailable when there is none in time
     */
    public static <T> T reply(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new StoreUnavailable("Redis did not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailable("Redis was not waited for: interrupted", e);
        }
    }
}
