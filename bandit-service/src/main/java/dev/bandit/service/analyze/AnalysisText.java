package dev.bandit.service.analyze;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The analysis for people: tables, then the likely winner. */
public final class AnalysisText {

    private AnalysisText() {}

    public static String of(Analysis analysis) {
        var text = new StringBuilder();
        for (var test : analysis.tests()) {
            text.append(text.isEmpty() ? "" : "\n");
            write(test, text);
        }
        return text.toString();
    }

    private static void write(Analysis.Test test, StringBuilder text) {
        text.append("%s (snapshot of %s)%n%n".formatted(test.testId(), test.newest()));
        text.append(table(variants(test)));
        if (test.variants().size() > 1) {
            text.append('\n').append(table(superiority(test)));
        }
        var winner = test.likelyWinner();
        text.append("%nLikely winner: %s, the best with probability %s%n"
                .formatted(winner.name(), percent(winner.probBest())));
    }

    private static List<List<String>> variants(Analysis.Test test) {
        var rows = new ArrayList<List<String>>();
        rows.add(List.of("VARIANT", "EXPOSURES", "SUCCESSES", "MEAN", "95 % INTERVAL", "P(BEST)", "ALPHA", "BETA"));
        for (var variant : test.variants()) {
            rows.add(List.of(
                    variant.name(),
                    number((double) variant.exposuresTotal()),
                    number(variant.successesTotal()),
                    rate(variant.posterior().mean()),
                    rate(variant.interval().lower()) + " to "
                            + rate(variant.interval().upper()),
                    percent(variant.probBest()),
                    number(variant.posterior().alpha()),
                    number(variant.posterior().beta())));
        }
        return rows;
    }

    private static List<List<String>> superiority(Analysis.Test test) {
        var names = test.variants().stream().map(Analysis.Variant::name).toList();
        var rows = new ArrayList<List<String>>();
        var header = new ArrayList<String>();
        header.add("P(ROW > COLUMN)");
        header.addAll(names);
        rows.add(header);
        for (int a = 0; a < names.size(); a++) {
            var row = new ArrayList<String>();
            row.add(names.get(a));
            for (int b = 0; b < names.size(); b++) {
                row.add(a == b ? "-" : percent(test.superiority()[a][b]));
            }
            rows.add(row);
        }
        return rows;
    }

    /** The first column to the left, the others to the right. */
    private static String table(List<List<String>> rows) {
        var text = new StringBuilder();
        for (var row : rows) {
            for (int column = 0; column < row.size(); column++) {
                int at = column;
                int width = rows.stream()
                        .mapToInt(one -> one.get(at).length())
                        .max()
                        .orElse(1);
                text.append(
                        column == 0
                                ? "%%-%ds".formatted(width).formatted(row.get(column))
                                : "  %%%ds".formatted(width).formatted(row.get(column)));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String rate(double rate) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * rate);
    }

    /** Certainty is never reached, so it is never printed. */
    private static String percent(double probability) {
        if (probability > 0.9999) {
            return "> 99.99 %";
        }
        return probability < 0.0001 ? "< 0.01 %" : rate(probability);
    }

    private static String number(double number) {
        return new DecimalFormat("#,##0.######", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(number);
    }
}
