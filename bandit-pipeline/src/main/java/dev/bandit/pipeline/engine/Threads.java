package dev.bandit.pipeline.engine;

import dev.bandit.cli.CommandFailed;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Parts go from one heap to as many threads. */
record Threads(int workers) implements Engine {

    @Override
    public <P extends Serializable, R extends Serializable> List<R> map(List<P> parts, Work<P, R> work) {
        ExecutorService pool = Executors.newFixedThreadPool(workers);
        try {
            List<Future<R>> futures = new ArrayList<>();
            for (P part : parts) {
                futures.add(pool.submit(() -> work.on(part)));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CommandFailed failure
                    ? failure
                    : new CommandFailed("A part of the work failed: " + e.getCause(), e);
        } finally {
            pool.shutdownNow();
            pool.close();
        }
    }

    @Override
    public void close() {
        // Its threads ended with their work.
    }
}
