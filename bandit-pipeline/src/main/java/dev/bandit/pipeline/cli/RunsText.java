package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.mlflow.RecordedRun;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Runs for people: a line each, with a column for every metric that is of the whole run. */
final class RunsText {

    private RunsText() {}

    static String of(List<RecordedRun> runs) {
        NavigableSet<String> metrics = new TreeSet<>();
        runs.forEach(run -> run.metrics().keySet().stream()
                .filter(name -> !name.contains("/"))
                .forEach(metrics::add));
        List<List<String>> table = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("STARTED", "RUN", "STATUS", "DECISION"));
        metrics.forEach(name -> header.add(name.toUpperCase(Locale.ROOT)));
        table.add(header);
        for (RecordedRun run : runs) {
            List<String> row = new ArrayList<>(List.of(
                    seconds(run.started()), run.name(), run.status(), run.tags().getOrDefault("decision", "-")));
            metrics.forEach(name -> row.add(
                    run.metrics().containsKey(name) ? number(run.metrics().get(name)) : "-"));
            table.add(row);
        }
        return lines(table);
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String lines(List<List<String>> table) {
        int[] widths = new int[table.getFirst().size()];
        table.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e12
                ? String.format(Locale.ROOT, "%,d", (long) value)
                : String.format(Locale.ROOT, "%.5g", value);
    }
}
