package dev.bandit.bench;

import dev.bandit.service.testing.Load;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Subjects measured in turn, round after round, so that whatever else the machine does meets all of them. */
final class Rounds {

    /**
     * What is measured.
     *
     * @param connections requests in flight
     * @param units of work in one request: items of a batch
     * @param prepare makes what the requests of a round need; not measured
     * @param settle returns when the server has done what it was asked for; what it does after its answers counts too
     */
    record Subject(
            String name,
            JavaServer server,
            int connections,
            int units,
            Load.Client client,
            Runnable prepare,
            Runnable settle) {

        Subject(String name, JavaServer server, int connections, int units, Load.Client client, Runnable settle) {
            this(name, server, connections, units, client, () -> {}, settle);
        }
    }

    /** Server time of a unit of work, in microseconds, and units a second, one of each a round. */
    static final class Figures {

        final List<Double> micros = new ArrayList<>();
        final List<Double> perSecond = new ArrayList<>();
        final List<Double> medianMillis = new ArrayList<>();

        double medianMicros() {
            return median(micros);
        }
    }

    private final List<Subject> subjects = new ArrayList<>();
    private final Map<String, Figures> figures = new LinkedHashMap<>();

    void add(Subject subject) {
        subjects.add(subject);
        figures.put(subject.name, new Figures());
    }

    List<String> names() {
        return List.copyOf(figures.keySet());
    }

    Figures of(String name) {
        return java.util.Objects.requireNonNull(figures.get(name), name);
    }

    /** Lets the JVMs compile: each subject so many requests in three turns, as it will be measured. */
    void warmUp(long requests, double maxSeconds) throws InterruptedException {
        for (int turn = 0; turn < 3; turn++) {
            for (Subject subject : subjects) {
                subject.prepare.run();
                run(subject, subject.connections, requests / 3, maxSeconds / 3);
            }
        }
    }

    /** @param requests of each subject in each round */
    void measure(int rounds, long requests, double maxSeconds) throws InterruptedException {
        for (int round = 0; round < rounds; round++) {
            for (Subject subject : subjects) {
                subject.prepare.run();
                subject.settle.run();
                double before = subject.server.cpuSeconds();
                Load.Result result = run(subject, subject.connections, requests, maxSeconds);
                subject.settle.run();
                double seconds = subject.server.cpuSeconds() - before;
                long units = result.latencies().count() * subject.units;
                Figures mine = of(subject.name);
                mine.micros.add(seconds * 1e6 / units);
                mine.perSecond.add(result.perSecond() * subject.units);
                mine.medianMillis.add(result.latencies().quantile(0.5) / 1e6);
            }
        }
    }

    private static Load.Result run(Subject subject, int connections, long requests, double maxSeconds)
            throws InterruptedException {
        AtomicLong left = new AtomicLong(requests);
        Load load = new Load(subject.server.port(), connections, java.time.Duration.ofNanos((long) (maxSeconds * 1e9)));
        Load.Result result = load.run(new Load.Client() {
            @Override
            public byte @org.jspecify.annotations.Nullable [] request(int connection, long n) {
                return left.getAndDecrement() > 0 ? subject.client.request(connection, n) : null;
            }

            @Override
            public void answered(int connection, long n, int status, byte[] body, int length) {
                subject.client.answered(connection, n, status, body, length);
            }
        });
        if (result.failures() > 0 || result.status(200) < result.latencies().count()) {
            throw new IllegalStateException(subject.name + ": " + result + "\n" + subject.server.output());
        }
        return result;
    }

    /** The median of the ratios of server time that the rounds give. */
    double ratio(String above, String below) {
        return ratio(of(above).micros, of(below).micros);
    }

    /** The median of the ratios that the rounds give. */
    static double ratio(List<Double> above, List<Double> below) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < above.size(); i++) {
            ratios.add(above.get(i) / below.get(i));
        }
        return median(ratios);
    }

    /** For a line of a report: each round's figure, beside which a median can be judged. */
    static String list(List<Double> values, String format) {
        return values.stream()
                .map(value -> String.format(Locale.ROOT, format, value))
                .toList()
                .toString();
    }

    static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
