package dev.bandit.bench;

import dev.bandit.bench.Rounds.Subject;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Load;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** {@code /select} beside an empty endpoint and beside Netty with Jackson. */
final class SelectBench {

    private static final int CONNECTIONS = Integer.getInteger("bench.connections", 32);
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final long REQUESTS = Long.getLong("bench.requests", 20_000);
    private static final Runnable NOTHING = () -> {};

    private final Path folder;

    SelectBench(Path folder) {
        this.folder = folder;
    }

    void run() throws Exception {
        try (JavaServer empty = new JavaServer(
                        "empty endpoint",
                        folder.resolve("empty"),
                        List.of(),
                        EmptyEndpoint.class.getName(),
                        // Configured servers that nobody connects to keep the embedded ones from starting.
                        List.of(
                                "--server.port={port}",
                                "--spring.data.redis.url=redis://127.0.0.1:1",
                                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/none"));
                JavaServer netty = new JavaServer(
                        "netty", folder.resolve("netty"), List.of(), NettyCeiling.class.getName(), List.of("{port}"));
                Stack stack = new Stack(folder.resolve("service"), Fsync.EVERYSEC)) {
            Rounds rounds = new Rounds();
            rounds.add(new Subject("netty + Jackson", netty, CONNECTIONS, 1, selects("/select", "bench-10"), NOTHING));
            rounds.add(new Subject("empty endpoint", empty, CONNECTIONS, 1, selects("/empty", "bench-10"), NOTHING));
            rounds.add(new Subject("same JSON", empty, CONNECTIONS, 1, selects("/json", "bench-10"), NOTHING));
            rounds.add(new Subject("same JSON and wait", empty, CONNECTIONS, 1, selects("/wait", "bench-10"), NOTHING));
            for (String subject : List.of("journal-10", "store-10", "journal-2", "journal-1000")) {
                String[] ackAndArms = subject.split("-");
                stack.experiment(
                        subject, Integer.parseInt(ackAndArms[1]), "\"decision_ack\":\"" + ackAndArms[0] + "\",");
                rounds.add(select(stack, subject));
            }
            rounds.warmUp(Long.getLong("bench.warmup", 60_000), 25);
            rounds.measure(ROUNDS, REQUESTS, 60);
            System.out.printf(
                    "%n%-28s %12s %12s %12s %12s %10s%n",
                    "/select", "us a request", "of empty", "of netty", "a second", "p50 ms");
            for (String name : rounds.names()) {
                var figures = rounds.of(name);
                System.out.printf(
                        Locale.ROOT,
                        "%-28s %12.1f %12.2f %12.2f %12.0f %10.1f   %s%n",
                        name,
                        figures.medianMicros(),
                        rounds.ratio("empty endpoint", name),
                        rounds.ratio("netty + Jackson", name),
                        Rounds.median(figures.perSecond),
                        Rounds.median(figures.medianMillis),
                        Rounds.list(figures.micros, "%.1f"));
            }
            System.out.printf(
                    Locale.ROOT,
                    "1000 arms over 2: %.2f; what the wait leaves of the same JSON: %.2f%n",
                    rounds.ratio("journal-1000", "journal-2"),
                    rounds.ratio("same JSON", "same JSON and wait"));
            if (Boolean.getBoolean("bench.profile")) {
                profile(
                        empty,
                        new Subject(
                                "same JSON and wait", empty, CONNECTIONS, 1, selects("/wait", "bench-10"), NOTHING));
                profile(stack.service(), select(stack, "journal-10"));
                profile(stack.service(), select(stack, "store-10"));
            }
        }
    }

    private static Subject select(Stack stack, String experiment) {
        return new Subject(
                experiment,
                stack.service(),
                CONNECTIONS,
                1,
                selects("/select", experiment),
                () -> stack.awaitRelay(experiment));
    }

    /** Where the time goes: by thread, and by layer. */
    private void profile(JavaServer server, Subject subject) throws Exception {
        Path settings = folder.resolve("cpu.jfc");
        Files.writeString(settings, CpuProfile.SETTINGS);
        Path recording = folder.resolve(subject.name().replace(' ', '-') + ".jfr");
        long requests = 4 * REQUESTS;
        Map<String, Double> before = Processes.cpuByThread(server.pid());
        jcmd(server.pid(), "JFR.start", "name=cpu", "settings=" + settings, "filename=" + recording);
        Rounds one = new Rounds();
        one.add(subject);
        one.measure(1, requests, 120);
        jcmd(server.pid(), "JFR.stop", "name=cpu");
        double micros = one.of(subject.name()).medianMicros();
        System.out.printf(Locale.ROOT, "%n== %s, %.1f us a request%n", subject.name(), micros);
        Map<String, Double> threads = new TreeMap<>();
        Processes.cpuByThread(server.pid())
                .forEach((thread, seconds) ->
                        threads.put(thread, (seconds - before.getOrDefault(thread, 0.0)) * 1e6 / requests));
        threads.entrySet().stream()
                .filter(entry -> entry.getValue() > 0.1)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(entry ->
                        System.out.printf(Locale.ROOT, "  %6.2f us  thread %s%n", entry.getValue(), entry.getKey()));
        System.out.println(new CpuProfile(recording).table(micros, Integer.getInteger("bench.details", 0)));
    }

    private static void jcmd(long pid, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IllegalStateException(said);
        }
    }

    private static Load.Client selects(String path, String experiment) {
        return Load.posts(
                path,
                IntStream.range(0, 256)
                        .mapToObj(unit -> "{\"experiment_id\":\"" + experiment + "\",\"unit_id\":\"user-"
                                + (1_000_000 + unit) + "\"}")
                        .toList());
    }
}
