package dev.bandit.service.sink;

import dev.bandit.service.snapshot.SnapshotRow;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names that a row's values have in every sink, in their order. */
final class Columns {

    static final List<String> NAMES = List.of(
            "test_id",
            "variant",
            "timestamp",
            "alpha",
            "beta",
            "exposures_inc",
            "successes_inc",
            "exposures_total",
            "successes_total",
            "success_rate_total",
            "mean",
            "ci_low",
            "ci_high",
            "prob_best",
            "expected_loss");

    /** What names an arm in a store of keys and values, and what that is called. */
    static final String KEY = "test_id#variant";

    /** Always with milliseconds, so that the order of the texts is the order of the times. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private Columns() {}

    /** Texts, longs and doubles by name; the success rate is null before the first exposure. */
    static Map<String, @Nullable Object> of(SnapshotRow row) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("test_id", row.testId());
        values.put("variant", row.variant());
        values.put("timestamp", time(row.timestamp()));
        values.put("alpha", row.alpha());
        values.put("beta", row.beta());
        values.put("exposures_inc", row.exposuresInc());
        values.put("successes_inc", row.successesInc());
        values.put("exposures_total", row.exposuresTotal());
        values.put("successes_total", row.successesTotal());
        values.put("success_rate_total", row.successRateTotal());
        values.put("mean", row.mean());
        values.put("ci_low", row.ciLow());
        values.put("ci_high", row.ciHigh());
        values.put("prob_best", row.probBest());
        values.put("expected_loss", row.expectedLoss());
        return values;
    }

    static String key(SnapshotRow row) {
        return row.testId() + "#" + row.variant();
    }

    static String time(Instant time) {
        return TIME.format(time);
    }
}
