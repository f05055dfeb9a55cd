package dev.bandit.pipeline.bench;

import dev.bandit.pipeline.testing.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code what-if} as a process of its own on the ledger of a real service, into which decisions and rewards are put by SQL. Arguments: how
 * often, and how many rows, ascending. Four arms of rates 0.1 to 0.4 were chosen with 0.4 to 0.1: uniform choices earn 0.25.
 */
public final class WhatIfBench {

    private static final String ID = "asked";
    private static final long PART = 500_000;
    /** At so many times, evenly over the day as far as it has come. */
    private static final int TIMES = 100_000;

    private WhatIfBench() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createTempDirectory("bandit-bench-");
        try (RunningService service = RunningService.start(folder)) {
            service.put("/experiments/" + ID, Map.of("feedback", "exposure", "variants", arms()));
            // Makes the day's partition.
            service.post("/select", Map.of("experiment_id", ID));
            run(
                    folder,
                    Integer.parseInt(args[0]),
                    Stream.of(args).skip(1).mapToLong(Long::parseLong).toArray());
        } finally {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path file : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static List<Map<String, String>> arms() {
        return Stream.of("arm-0", "arm-1", "arm-2", "arm-3")
                .map(arm -> Map.of("name", arm))
                .toList();
    }

    private static void run(Path folder, int rounds, long[] sizes)
            throws SQLException, IOException, InterruptedException {
        Path postgres = folder.resolve("data/postgres");
        String url = "jdbc:postgresql://127.0.0.1:%s/bandit"
                .formatted(Files.readString(postgres.resolve("port")).strip());
        String password = Files.readString(postgres.resolve("password")).strip();
        Map<String, String> environment = Map.of(
                "SPRING_DATASOURCE_URL", url,
                "SPRING_DATASOURCE_USERNAME", "bandit",
                "SPRING_DATASOURCE_PASSWORD", password);
        long decisions = 0;
        LocalTime now = LocalTime.now(ZoneOffset.UTC);
        String time = "date_trunc('day', now() at time zone 'utc') at time zone 'utc' + k %% %d * interval '%d us'"
                .formatted(TIMES, now.toNanoOfDay() / 1_000 / TIMES);
        try (Connection connection = DriverManager.getConnection(url, "bandit", password);
                Statement statement = connection.createStatement()) {
            for (long size : sizes) {
                // Of six rows one is a reward.
                for (long wanted = size * 5 / 6; decisions < wanted; ) {
                    long next = Math.min(wanted, decisions + PART);
                    insert(statement, time, decisions, next);
                    decisions = next;
                }
                statement.execute("vacuum analyze bandit_events");
                try (ResultSet row = statement.executeQuery("select count(*) from bandit_events")) {
                    row.next();
                    System.out.printf(Locale.ROOT, "%,d rows, %,d decisions%n", row.getLong(1), decisions);
                }
                for (String heap : List.of("", "-Xmx64m")) {
                    for (int round = 0; round < rounds; round++) {
                        ask(folder, environment, heap);
                    }
                }
            }
        }
    }

    /** As batch 0, which the service's own running totals do not look at. */
    private static void insert(Statement statement, String time, long from, long to) throws SQLException {
        for (String kind : List.of("decision", "reward")) {
            boolean decision = kind.equals("decision");
            statement.execute(
                    "insert into bandit_events (experiment_id, event_id, kind, event_time, recorded_at, arm_id, batch, "
                            + (decision
                                    ? "unit_id, propensity, policy, posterior_version, definition_version)"
                                    : "reward)")
                            + " select '" + ID + "', ('00000000-0000-0001-0000-' || lpad(to_hex(k), 12, '0'))::uuid, '"
                            + kind
                            + "', " + time + ", now(), 'arm-' || arm, 0, "
                            + (decision ? "'unit-' || k / 10, (4 - arm) / 10.0, 'thompson', 1, 1" : "1")
                            + " from (select k, case when k % 10 < 4 then 0 when k % 10 < 7 then 1 when k % 10 < 9 then 2 else 3 end as arm"
                            + " from generate_series(" + from + "::bigint, " + (to - 1) + ") k) r"
                            + (decision ? "" : " where abs(hashint8(k)::bigint) % 100 < 10 + 10 * arm"));
        }
    }

    private static void ask(Path folder, Map<String, String> environment, String heap)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(RunningService.java()));
        if (!heap.isEmpty()) {
            command.add(heap);
        }
        command.addAll(List.of(
                "-jar", "target/bandit-pipeline.jar", "what-if", ID, "--policy", "uniform", "--format", "json"));
        Path answer = folder.resolve("answer");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(answer.toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().putAll(environment);
        long start = System.nanoTime();
        Process process = builder.start();
        long peak = 0;
        while (process.isAlive()) {
            peak = Math.max(peak, peak(process.pid()).orElse(0L));
            Thread.sleep(20);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        if (process.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(folder.resolve("err")));
        }
        JsonNode report = JsonMapper.shared().readTree(Files.readString(answer));
        System.out.printf(
                Locale.ROOT,
                "  heap %s: %.1f s, peak %d MiB; snipw %.4f of %,d rounds%n",
                heap.isEmpty() ? "by default" : heap.substring(4),
                seconds,
                peak / 1024,
                report.at("/estimators/2/value").asDouble(),
                report.path("rounds").asLong());
    }

    /** In KiB, while the process is there. */
    private static Optional<Long> peak(long pid) throws IOException {
        Path status = Path.of("/proc/" + pid + "/status");
        if (!Files.exists(status)) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        }
    }
}
