package dev.bandit.service.problem;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for an answer that is being made elsewhere. */
public final class Answers {

    private static final long TIMEOUT_S = 10;

    private Answers() {}

    /** 503: the answer did not come in time; what was asked may or may not have happened, and asking again is safe. */
    private static final class NoAnswer extends Problem {
        private static final long serialVersionUID = 1L;

        NoAnswer(String detail, Throwable cause) {
            super(503, "Store unavailable", detail, Duration.ofSeconds(1), cause);
        }
    }

    /**
     * Waits for an answer whose batch has a time limit of its own, so that no timer is set for every request.
     *
     * @return the answer
     * @throws Problem what it failed with, or a 503 when it failed otherwise
     */
    public static <T> T awaitBatch(CompletableFuture<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw problem(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoAnswer("The service is stopping; ask again.", e);
        }
    }

    /**
     * Waits for an answer that may never come.
     *
     * @return the answer
     * @throws Problem what it failed with, or a 503 when it failed otherwise or takes too long
     */
    public static <T> T await(CompletableFuture<T> answer) {
        try {
            return answer.get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw problem(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new NoAnswer("There was no answer in time; asking again is safe.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoAnswer("The service is stopping; ask again.", e);
        }
    }

    /** The failure as the problem that it is, or that lies behind it. */
    public static Problem problem(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                return problem;
            }
        }
        return new NoAnswer(
                failure instanceof TimeoutException
                        ? "There was no answer in time; asking again is safe."
                        : "Redis did not take it; asking again is safe.",
                failure);
    }
}
