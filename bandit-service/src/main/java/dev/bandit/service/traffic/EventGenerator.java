package dev.bandit.service.traffic;

import dev.bandit.core.assignment.Assignment;
import dev.bandit.service.traffic.Generated.Kind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Users who see variants and click, as a sequence of records. A seed always yields the same one, but for the timestamps.
 *
 * <p>A user sees one variant of a test, by hash; a click follows its exposure within the next 100 records.
 */
final class EventGenerator {

    private static final int CLICK_WITHIN = 100;
    private static final int REMEMBERED = 1_000;
    private static final int POISONS = 5;

    private final List<Scenario.Test> tests;
    private final Map<String, Double> rates;
    private final Mix mix;
    private final SplittableRandom random;
    private final InstantSource clock;
    private final PriorityQueue<Click> clicks =
            new PriorityQueue<>(Comparator.comparingLong(Click::due).thenComparingLong(Click::number));
    private final List<Generated> recent = new ArrayList<>();
    private long total;
    private long made;
    private long nowMillis = Long.MIN_VALUE;
    private String nowText = "";

    /**
     * @param duplicates share of the records that repeat an event, in [0, 1)
     * @param poison share of the records that are no event, in [0, 1)
     * @param users how many there are, above 0
     */
    record Mix(double duplicates, double poison, int users) {
        Mix {
            if (!(duplicates >= 0 && poison >= 0 && duplicates + poison < 1) || users <= 0) {
                throw new IllegalArgumentException(
                        "Not a mix: %s duplicates, %s poison, %d users".formatted(duplicates, poison, users));
            }
        }
    }

    private record Click(long due, long number, WebEvent exposure, Scenario.Test test) {}

    /**
     * @param rates P(click) by variant
     * @param total how many records; the click of the very last exposure may come on top
     */
    EventGenerator(
            List<Scenario.Test> tests, Map<String, Double> rates, Mix mix, long total, long seed, InstantSource clock) {
        this.tests = tests;
        this.rates = rates;
        this.mix = mix;
        this.total = total;
        this.random = new SplittableRandom(seed);
        this.clock = clock;
    }

    /** No more exposures; the clicks that are on their way still come. */
    void finish() {
        total = Math.min(total, made + clicks.size());
    }

    /** The next record, or null after the last. */
    @Nullable
    Generated next() {
        long left = total - made;
        if (left <= 0 && clicks.isEmpty()) {
            return null;
        }
        var record = record(left);
        made++;
        return record;
    }

    private Generated record(long left) {
        if (left > clicks.size()) {
            double draw = random.nextDouble();
            if (draw < mix.poison) {
                return poison();
            }
            if (draw < mix.poison + mix.duplicates && !recent.isEmpty()) {
                var again = recent.get(random.nextInt(recent.size()));
                return new Generated(Kind.DUPLICATE, again.key(), again.value(), again.variant());
            }
        }
        var click = clicks.peek();
        // At the end the clicks need the room that is left.
        if (click != null && (click.due <= made || left <= clicks.size() + 1)) {
            clicks.remove();
            return remember(success(click));
        }
        return remember(exposure());
    }

    private Generated exposure() {
        var test = tests.get(tests.size() == 1 ? 0 : random.nextInt(tests.size()));
        var user = user();
        var exposure = new WebEvent(id(), test.exposureEvent(), test.testId(), variant(test, user), user, now(), null);
        if (random.nextDouble() < Objects.requireNonNull(rates.get(exposure.variant()))) {
            clicks.add(new Click(made + 1 + random.nextInt(CLICK_WITHIN), made, exposure, test));
        }
        return new Generated(Kind.EXPOSURE, user, exposure.bytes(), exposure.variant());
    }

    private Generated success(Click click) {
        var shown = click.exposure;
        var success = new WebEvent(
                id(),
                click.test.successEvent(),
                shown.testId(),
                shown.variant(),
                shown.userId(),
                now(),
                shown.eventId());
        return new Generated(Kind.SUCCESS, shown.userId(), success.bytes(), shown.variant());
    }

    /** Each kind of record that is not an event: docs/events.md. */
    private Generated poison() {
        var test = tests.getFirst();
        var user = user();
        var event = new WebEvent(
                id(),
                test.exposureEvent(),
                test.testId(),
                test.variants().getFirst().name(),
                user,
                now(),
                null);
        var json = new String(event.bytes(), StandardCharsets.UTF_8);
        var spoilt = switch (random.nextInt(POISONS)) {
            case 0 -> json.substring(0, json.length() / 2);
            case 1 -> "\"" + event.eventId() + "\"";
            case 2 -> json.replaceFirst("\"variant\":\"[^\"]*\",", "");
            case 3 -> json.replaceFirst("\"variant\":\"[^\"]*\"", "\"variant\":\"no-such-variant\"");
            default -> json.substring(0, json.length() - 1) + ",\"value\":1.5}";
        };
        return new Generated(Kind.POISON, user, spoilt.getBytes(StandardCharsets.UTF_8), "");
    }

    private Generated remember(Generated event) {
        if (mix.duplicates > 0) {
            if (recent.size() < REMEMBERED) {
                recent.add(event);
            } else {
                recent.set((int) (made % REMEMBERED), event);
            }
        }
        return event;
    }

    private static String variant(Scenario.Test test, String user) {
        double weights = test.variants().stream()
                .mapToDouble(Scenario.Variant::allocation)
                .sum();
        double at = Assignment.uniform(test.testId(), user) * weights;
        for (var variant : test.variants()) {
            at -= variant.allocation();
            if (at < 0) {
                return variant.name();
            }
        }
        return test.variants().getLast().name();
    }

    private String user() {
        return "user-" + random.nextInt(mix.users);
    }

    /** A version 4 UUID of the seed. */
    private String id() {
        long high = random.nextLong() & 0xffff_ffff_ffff_0fffL | 0x4000L;
        long low = random.nextLong() & 0x3fff_ffff_ffff_ffffL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    /** Written out once a millisecond. */
    private String now() {
        long millis = clock.millis();
        if (millis != nowMillis) {
            nowMillis = millis;
            nowText = Instant.ofEpochMilli(millis).toString();
        }
        return nowText;
    }
}
