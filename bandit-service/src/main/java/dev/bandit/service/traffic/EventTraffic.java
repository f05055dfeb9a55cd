package dev.bandit.service.traffic;

import dev.bandit.cli.Progress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Events to Kafka, made up or recorded, at a rate. */
public final class EventTraffic {

    private final Schedule.Time time;
    private final InstantSource clock;
    private final Progress progress;

    EventTraffic(Schedule.Time time, InstantSource clock, Progress progress) {
        this.time = time;
        this.clock = clock;
        this.progress = progress;
    }

    public EventTraffic(Progress progress) {
        this(Schedule.Time.SYSTEM, InstantSource.system(), progress);
    }

    /**
     * @param perSecond records a second, all kinds together; 0 for as fast as it goes
     * @param seconds how long; a broker that cannot keep up makes it longer, unless it goes as fast as it goes
     * @param rates P(click) by variant
     */
    public record Plan(
            double perSecond,
            double seconds,
            Map<String, Double> rates,
            double duplicates,
            double poison,
            int users,
            long seed) {}

    /** @throws TrafficFailed if the file makes no sense */
    public static Scenario scenario(Path file) {
        return ScenarioFile.read(file);
    }

    /**
     * Sends made up events.
     *
     * @return a line that says what was sent
     * @throws TrafficFailed if not all of it arrived
     */
    public String make(Scenario scenario, String brokers, Plan plan) throws InterruptedException {
        scenario.requireRates(plan.rates);
        return make(scenario, plan, () -> KafkaSink.open(brokers, scenario.topic()));
    }

    String make(Scenario scenario, Plan plan, Supplier<? extends EventSink> sinks) throws InterruptedException {
        long total = plan.perSecond > 0 ? Math.round(plan.perSecond * plan.seconds) : Long.MAX_VALUE / 2;
        var generator = new EventGenerator(
                scenario.tests(),
                plan.rates,
                new EventGenerator.Mix(plan.duplicates, plan.poison, plan.users),
                total,
                plan.seed,
                clock);
        var sent = new Sent();
        double seconds;
        try (var sink = sinks.get()) {
            var schedule = new Schedule(plan.perSecond, time);
            for (var record = generator.next(); record != null; record = generator.next()) {
                schedule.await(sent.records());
                send(record, sink, sent, schedule, plan.perSecond > 0 ? total : 0, plan.seconds);
                if (plan.perSecond <= 0 && schedule.elapsedSeconds() > plan.seconds) {
                    generator.finish();
                }
            }
            // The last record holds its place in time as the others do.
            schedule.await(sent.records());
            seconds = schedule.elapsedSeconds();
        } finally {
            progress.end();
        }
        return sent.line(seconds) + " Seed " + plan.seed + ".";
    }

    /**
     * Sends recorded events as they are.
     *
     * @param perSecond 0 for as fast as it goes
     * @return a line that says what was sent
     */
    public String replay(Path file, Scenario scenario, String brokers, double perSecond) throws InterruptedException {
        return replay(file, scenario, perSecond, () -> KafkaSink.open(brokers, scenario.topic()));
    }

    String replay(Path file, Scenario scenario, double perSecond, Supplier<? extends EventSink> sinks)
            throws InterruptedException {
        var sent = new Sent();
        double seconds;
        try (var events = new RecordedEvents(file, scenario);
                var sink = sinks.get()) {
            var schedule = new Schedule(perSecond, time);
            for (var record = events.next(); record != null; record = events.next()) {
                schedule.await(sent.records());
                send(record, sink, sent, schedule, 0, Double.NaN);
            }
            schedule.await(sent.records());
            seconds = schedule.elapsedSeconds();
        } finally {
            progress.end();
        }
        return sent.line(seconds);
    }

    private void send(Generated record, EventSink sink, Sent sent, Schedule schedule, long total, double seconds) {
        @Nullable String key = record.key().isEmpty() ? null : record.key();
        sink.send(key, record.value());
        sent.add(record);
        var elapsed = schedule.elapsedSeconds();
        progress.show(total > 0 ? (double) sent.records() / total : elapsed / seconds, sent.records(), elapsed);
    }
}
