package dev.bandit.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.bandit.service.stream.ListenerBench;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** Benchmarks of the streams; {@code bench/stream.sh} builds and runs it, docs/benchmarks.md says what is measured, and how. */
final class StreamBench {

    private StreamBench() {}

    /** @param args what to measure: listener, ingest, traffic or soak */
    public static void main(String[] args) throws Exception {
        ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
        Path folder = Files.createTempDirectory("bandit-bench-");
        try {
            switch (String.join(" ", args)) {
                case "listener" -> ListenerBench.run();
                case "ingest" -> new IngestBench(folder).run();
                case "traffic" -> new TrafficBench(folder).run();
                case "soak" -> new SoakBench(folder).run();
                default ->
                    throw new IllegalArgumentException(
                            "'" + List.of(args) + "', expected listener, ingest, traffic or soak");
            }
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }
}
