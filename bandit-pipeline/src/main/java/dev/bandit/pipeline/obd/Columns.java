package dev.bandit.pipeline.obd;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the first line of each file has to say, and what the items have to be. */
final class Columns {

    /** Of a log, before the affinities; the first, the index, has no name there. */
    static final List<String> LOG = List.of(
            "row",
            "timestamp",
            "item_id",
            "position",
            "click",
            "propensity_score",
            "user_feature_0",
            "user_feature_1",
            "user_feature_2",
            "user_feature_3");

    /** Of the items, likewise. */
    static final List<String> ITEMS =
            List.of("row", "item_id", "item_feature_0", "item_feature_1", "item_feature_2", "item_feature_3");

    private static final String AFFINITY = "user-item_affinity_";
    private static final int MOST_ITEMS = 10_000;

    private Columns() {}

    /** Of a log in silver. */
    static List<String> log(int items) {
        return Stream.concat(LOG.stream(), affinities(items)).toList();
    }

    static Stream<String> affinities(int items) {
        return IntStream.range(0, items).mapToObj(i -> "user_item_affinity_" + i);
    }

    /**
     * Checks the first line of a log, and that rows follow.
     *
     * @return how many affinities there are
     * @throws CommandFailed if it is no log
     */
    static int checkLog(Path file, String name) throws IOException {
        try (var lines = Lines.of(file, name)) {
            List<String> header = header(lines, name, LOG, LOG.size());
            int affinities = header.size() - LOG.size();
            for (int i = 0; i < affinities; i++) {
                expect(lines, LOG.size() + i, header.get(LOG.size() + i), AFFINITY + i);
            }
            if (affinities == 0) {
                throw lines.wrong(
                        "ends after %s, expected %s0 and so on, one an item".formatted(LOG.getLast(), AFFINITY));
            }
            do {
                if (!lines.next()) {
                    throw new CommandFailed(name + " has no rows");
                }
            } while (lines.isEmpty());
            return affinities;
        }
    }

    /**
     * Checks the items: ids from 0 on, each once.
     *
     * @return how many there are
     * @throws CommandFailed if they are no items
     */
    static int checkItems(Path file, String name) throws IOException {
        try (var lines = Lines.of(file, name)) {
            if (header(lines, name, ITEMS, ITEMS.size()).size() > ITEMS.size()) {
                throw lines.wrong("has more than the %d columns of items".formatted(ITEMS.size()));
            }
            Set<Integer> ids = new HashSet<>();
            int greatest = -1;
            while (lines.next()) {
                if (lines.isEmpty()) {
                    continue;
                }
                List<String> item = lines.values();
                if (item.size() != ITEMS.size()) {
                    throw lines.wrong("has %d fields, expected %d".formatted(item.size(), ITEMS.size()));
                }
                int id = id(lines, item.get(1));
                greatest = Math.max(greatest, id);
                if (!ids.add(id)) {
                    throw lines.wrong("has item_id %d for the second time".formatted(id));
                }
                checkNumber(lines, item.get(2));
            }
            if (ids.isEmpty()) {
                throw new CommandFailed(name + " has no items");
            }
            if (greatest != ids.size() - 1) {
                throw new CommandFailed("%s has %d items with ids up to %d, expected 0 to %d"
                        .formatted(name, ids.size(), greatest, ids.size() - 1));
            }
            return ids.size();
        }
    }

    private static int id(Lines lines, String text) {
        try {
            int id = Integer.parseInt(text);
            if (id >= 0 && id < MOST_ITEMS) {
                return id;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw lines.wrong("has item_id \"%s\", expected 0 to %d".formatted(text, MOST_ITEMS - 1));
    }

    private static void checkNumber(Lines lines, String text) {
        try {
            if (text.isEmpty() || Double.isFinite(Double.parseDouble(text))) {
                return;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw lines.wrong("has item_feature_0 \"%s\", expected a number".formatted(text));
    }

    private static List<String> header(Lines lines, String name, List<String> expected, int least) throws IOException {
        if (!lines.next()) {
            throw new CommandFailed(name + " is empty");
        }
        List<String> header = lines.values();
        for (int i = 0; i < least; i++) {
            if (i == header.size()) {
                throw lines.wrong("ends after %d columns, expected \"%s\" next".formatted(i, expected.get(i)));
            }
            expect(lines, i, header.get(i), i == 0 ? "" : expected.get(i));
        }
        return header;
    }

    private static void expect(Lines lines, int column, String found, String expected) {
        if (!found.equals(expected)) {
            throw lines.wrong(
                    "has \"%s\" as column %d, expected \"%s\"".formatted(shortened(found), column + 1, expected));
        }
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "…";
    }
}
