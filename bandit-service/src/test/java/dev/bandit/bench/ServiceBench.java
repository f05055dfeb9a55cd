package dev.bandit.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
            List<String> all = List.of("select", "batch", "reward", "relay");
            for (String what : List.of(args).equals(List.of("all")) ? all : List.of(args)) {
                Path mine = folder.resolve(what);
                switch (what) {
                    case "select" -> new SelectBench(mine).run();
                    case "batch" -> new BatchBench(mine).run();
                    case "reward" -> new RewardBench(mine).run();
                    case "relay" -> new RelayBench(mine).run();
                    default -> throw new IllegalArgumentException("'" + what + "', expected all or some of " + all);
                }
            }
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }
}
