package dev.bandit.service.plan;

import dev.bandit.service.problem.Problem;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** One plan at a time, on a thread of its own: the other processors, and the carriers of virtual threads, are for those who select. */
final class PlanDesk {

    /** What an answer may take of one processor, roughly. */
    private static final Duration BUDGET = Duration.ofSeconds(5);

    private final Planner planner = new Planner(BUDGET, false);
    private final Semaphore free = new Semaphore(1);

    /** 503: another plan is being worked on. */
    private static final class Busy extends Problem {

        private static final long serialVersionUID = 1L;

        Busy() {
            super(
                    503,
                    "Busy with another plan",
                    "Another plan is being simulated, and this service does one at a time; try again in a few seconds, or run ./bandit plan.",
                    Duration.ofSeconds(2),
                    null);
        }
    }

    Forecast forecast(Plan plan) {
        if (!free.tryAcquire()) {
            throw new Busy();
        }
        CompletableFuture<Forecast> answer = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("plan").start(() -> {
            try {
                answer.complete(planner.forecast(plan));
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            } finally {
                free.release();
            }
        });
        return answer.join();
    }
}
