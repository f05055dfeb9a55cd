package dev.bandit.service.experiment;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The guards of a definition, and of what comes in the same file: each names the field and the value, and refuses NaN. */
public final class Check {

    private static final int NAME_LENGTH = 128;
    public static final String NAME_EXPECTED = "expected 1 to 128 letters, digits, dots, underscores or hyphens";

    private static final int EVENT_MAX = 256;
    private static final int SHOWN_MAX = 64;

    private Check() {}

    static double between(String field, double value, double low, double high) {
        if (!(value >= low && value <= high)) {
            throw new InvalidDefinition(field, "is " + value + ", expected " + number(low) + " to " + number(high));
        }
        return value + 0.0; // -0.0 becomes 0.0: they would be equal and print differently
    }

    static double strictlyBetween(String field, double value, double low, double high) {
        if (!(value > low && value < high)) {
            throw new InvalidDefinition(
                    field, "is " + value + ", expected more than " + number(low) + " and less than " + number(high));
        }
        return value;
    }

    static double multipleOfMillionth(String field, double value, double low, double high) {
        between(field, value, low, high);
        if (Math.rint(value * 1e6) / 1e6 != value) {
            throw new InvalidDefinition(field, "is " + value + ", expected a multiple of 0.000001");
        }
        return value;
    }

    static String name(String field, String value) {
        if (!isName(value)) {
            throw new InvalidDefinition(field, "is " + shown(value) + ", " + NAME_EXPECTED);
        }
        return value;
    }

    static @Nullable String event(String field, @Nullable String value) {
        if (value != null
                && (value.isBlank()
                        || value.length() > EVENT_MAX
                        || value.codePoints().anyMatch(Check::isUnstorable))) {
            throw new InvalidDefinition(
                    field,
                    "is " + shown(value) + ", expected 1 to " + EVENT_MAX + " characters, no control characters");
        }
        return value;
    }

    /** Control characters, and halves of surrogate pairs, which are no text and which Postgres refuses. */
    private static boolean isUnstorable(int codePoint) {
        return Character.isISOControl(codePoint) || Character.getType(codePoint) == Character.SURROGATE;
    }

    public static Duration duration(String field, Duration value, Duration low, Duration high) {
        if (value.compareTo(low) < 0 || value.compareTo(high) > 0 || value.toNanosPart() != 0) {
            throw new InvalidDefinition(
                    field,
                    "is " + DurationText.format(value) + ", expected whole seconds from " + DurationText.format(low)
                            + " to " + DurationText.format(high));
        }
        return value;
    }

    /** A value as an error message may show it: quoted, short, without control characters. */
    public static String shown(String value) {
        String head = value.length() > SHOWN_MAX ? value.substring(0, SHOWN_MAX) + "…" : value;
        return '"' + head.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?") + '"';
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** Whether it is 1 to 128 of letters, digits, dots, underscores and hyphens; asked for every request, so without a pattern. */
    public static boolean isName(String text) {
        if (text.isEmpty() || text.length() > NAME_LENGTH) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }
}
