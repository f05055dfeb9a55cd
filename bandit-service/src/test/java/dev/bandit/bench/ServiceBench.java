package dev.bandit.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.util.FileSystemUtils;

/**
 * Benchmarks of the service, each beside its ceiling in the same run.
 *
 * <p>{@code bench/service.sh} builds and runs it; docs/benchmarks.md says what is measured, and how.
 */
final class ServiceBench {

    private ServiceBench() {}

    /** @param args what to measure: select, batch, reward, relay, or all */
    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("bandit-bench-");
        try {
            for (String what : args) {
                switch (what) {
                    case "select" -> new SelectBench(folder).run();
                    default -> throw new IllegalArgumentException("'" + what + "', expected select");
                }
            }
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }
}
