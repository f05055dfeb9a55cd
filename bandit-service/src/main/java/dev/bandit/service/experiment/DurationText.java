package dev.bandit.service.experiment;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as definitions write them: {@code 30s}, {@code 15m}, {@code 72h}, {@code 7d}. */
public final class DurationText {

    /** The form as JSON Schema and OpenAPI have it. */
    public static final String PATTERN = "^([0-9]{1,9})([smhd])$";

    private static final Pattern FORM = Pattern.compile(PATTERN);

    private DurationText() {}

    /**
     * @param field JSON path for the error
     * @throws InvalidDefinition if the text is not a whole number followed by s, m, h or d
     */
    public static Duration parse(String field, String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new InvalidDefinition(
                    field, "is " + Check.shown(text) + ", expected a duration such as 30s, 15m, 72h or 7d");
        }
        long amount = Long.parseLong(form.group(1));
        return switch (form.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /** The shortest text that {@link #parse} reads back as the same duration, hours rather than days below a week. */
    public static String format(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds != 0 && seconds % 86_400 == 0 && seconds >= 7 * 86_400) {
            return seconds / 86_400 + "d";
        }
        if (seconds != 0 && seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds != 0 && seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
