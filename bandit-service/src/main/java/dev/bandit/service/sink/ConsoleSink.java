package dev.bandit.service.sink;

import dev.bandit.service.snapshot.SnapshotRow;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A table a tick where the service's log goes; with structured logs, one event that carries it. */
final class ConsoleSink implements Sink {

    private static final Logger log = LoggerFactory.getLogger(ConsoleSink.class);

    @Override
    public void write(List<Tick> ticks) {
        for (Tick tick : ticks) {
            log.info("posteriors at {}\n{}", Columns.time(tick.time()), table(tick));
        }
    }

    static String table(Tick tick) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%-24s %-16s %12s %12s %9s  %-19s %8s %10s%n",
                "test",
                "variant",
                "exposures",
                "successes",
                "mean",
                "95 % interval",
                "P(best)",
                "loss"));
        for (SnapshotRow row : tick.rows()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-24s %-16s %12d %12s %8.3f%%  %7.3f%% - %7.3f%% %8.4f %10.2e%n",
                    row.testId(),
                    row.variant(),
                    row.exposuresTotal(),
                    number(row.successesTotal()),
                    100 * row.mean(),
                    100 * row.ciLow(),
                    100 * row.ciHigh(),
                    row.probBest(),
                    row.expectedLoss()));
        }
        return text.toString().stripTrailing();
    }

    /** Whole where rewards are. */
    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
