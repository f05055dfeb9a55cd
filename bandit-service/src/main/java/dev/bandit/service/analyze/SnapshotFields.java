package dev.bandit.service.analyze;

import dev.bandit.core.posterior.BetaPosterior;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The fields of a snapshot as text, by their names in every sink. */
final class SnapshotFields {

    /** What an analysis needs of a snapshot; everything else follows from it. */
    static final List<String> NAMES =
            List.of("test_id", "variant", "timestamp", "alpha", "beta", "exposures_total", "successes_total");

    /** The hash key of the dynamodb sink's items: {@code test#variant}. */
    static final String ITEM_KEY = "test_id#variant";

    /** ISO 8601 with an offset, also as PostgreSQL writes it: a blank for the T, hours alone for the offset. */
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][XX][X]")
            .toFormatter();

    private SnapshotFields() {}

    /** A field that is not what it should be; the message says what was expected. */
    static final class Wrong extends Exception {

        private static final long serialVersionUID = 1L;

        Wrong(String field, String what, String expected) {
            super("%s %s, expected %s".formatted(field, what, expected));
        }
    }

    /**
     * The fields of a DynamoDB item, of which test and variant may stand in the table's key alone.
     *
     * @param attribute text of an attribute by its name; null if there is none
     */
    static Function<String, @Nullable String> ofItem(Function<String, @Nullable String> attribute) {
        return name -> {
            var value = attribute.apply(name);
            if (value != null || !name.equals("test_id") && !name.equals("variant")) {
                return value;
            }
            var whole = attribute.apply(ITEM_KEY);
            var key = whole == null ? new String[0] : whole.split("#", 2);
            return key.length == 2 ? key[name.equals("test_id") ? 0 : 1] : null;
        };
    }

    /** @param text of a field by its name; null if there is none */
    static Snapshot snapshot(Function<String, @Nullable String> text) throws Wrong {
        return new Snapshot(
                name("test_id", text),
                name("variant", text),
                time(text),
                new BetaPosterior(parameter("alpha", text), parameter("beta", text)),
                whole("exposures_total", text),
                number("successes_total", text, "a number of 0 or more", value -> value >= 0));
    }

    private static String present(String field, Function<String, @Nullable String> text) throws Wrong {
        var value = text.apply(field);
        if (value == null) {
            throw new Wrong(field, "is missing", "a value");
        }
        return value.strip();
    }

    private static String name(String field, Function<String, @Nullable String> text) throws Wrong {
        var value = present(field, text);
        if (value.isEmpty()) {
            throw new Wrong(field, "is empty", "a name");
        }
        return value;
    }

    private static Instant time(Function<String, @Nullable String> text) throws Wrong {
        var value = present("timestamp", text);
        try {
            return TIME.parse(value.replaceFirst("^(\\S+) (?=\\d)", "$1T"), Instant::from);
        } catch (DateTimeException e) {
            throw new Wrong("timestamp", "is '" + value + "'", "a time with its offset, such as 2026-11-22T15:04:05Z");
        }
    }

    private static double parameter(String field, Function<String, @Nullable String> text) throws Wrong {
        return number(field, text, "a number above 0", value -> value > 0);
    }

    private static long whole(String field, Function<String, @Nullable String> text) throws Wrong {
        return (long)
                number(field, text, "a whole number of 0 or more", value -> value >= 0 && value == Math.rint(value));
    }

    private interface Range {
        boolean holds(double value);
    }

    private static double number(String field, Function<String, @Nullable String> text, String expected, Range range)
            throws Wrong {
        var value = present(field, text);
        double number;
        try {
            number = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new Wrong(field, value.isEmpty() ? "is empty" : "is '" + value + "'", expected);
        }
        if (!Double.isFinite(number) || !range.holds(number)) {
            throw new Wrong(field, "is " + value, expected);
        }
        return number;
    }
}
