package dev.bandit.service.traffic;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Counts what was sent, for the last line. */
final class Sent {

    private static final class Counts {
        private long exposures;
        private long successes;
    }

    private final Map<String, Counts> variants = new TreeMap<>();
    private final Counts all = new Counts();
    private long duplicates;
    private long poison;
    private long records;

    void add(Generated record) {
        records++;
        switch (record.kind()) {
            case EXPOSURE -> {
                all.exposures++;
                of(record.variant()).exposures++;
            }
            case SUCCESS -> {
                all.successes++;
                of(record.variant()).successes++;
            }
            case DUPLICATE -> duplicates++;
            case POISON -> poison++;
        }
    }

    private Counts of(String variant) {
        return variants.computeIfAbsent(variant, any -> new Counts());
    }

    long records() {
        return records;
    }

    String line(double seconds) {
        var text = new StringBuilder(String.format(
                Locale.ROOT,
                "Sent %,d records in %.1f s (%,.1f/s): %,d exposures, %,d successes",
                records,
                seconds,
                records / Math.max(seconds, 1e-9),
                all.exposures,
                all.successes));
        var separator = " (";
        for (var variant : variants.entrySet()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s%s %,d/%,d",
                    separator,
                    variant.getKey(),
                    variant.getValue().exposures,
                    variant.getValue().successes));
            separator = ", ";
        }
        return text.append(variants.isEmpty() ? "" : ")")
                .append(String.format(Locale.ROOT, ", %,d duplicates, %,d poison.", duplicates, poison))
                .toString();
    }
}
