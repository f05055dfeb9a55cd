package dev.bandit.pipeline.mlflow;

import java.util.regex.Pattern;

/** What MLflow takes as a name or a value; what it would not take is made to fit, and stays apart from others by a digest. */
final class Limits {

    /** Entries of a request: metrics, then parameters and tags. */
    static final int METRICS = 1000;

    static final int ENTRIES = 100;

    private static final int NAME = 250;
    private static final int PARAMETER = 6000;
    private static final int TAG = 5000;
    private static final int DIGITS = 8;
    private static final Pattern FOREIGN = Pattern.compile("[^\\p{IsAlphabetic}\\p{IsDigit}_.\\- :/]");
    /** MLflow takes a name for a path, and refuses one that has a shorter form. */
    private static final Pattern NO_STEP = Pattern.compile("(?<=^|/)(\\.{0,2})(?=/|$)");

    private Limits() {}

    /** Of a metric, a parameter or a tag. */
    static String name(String wanted) {
        String plain = FOREIGN.matcher(wanted).replaceAll("_");
        plain = NO_STEP.matcher(plain).replaceAll("_$1");
        return plain.equals(wanted) && plain.length() <= NAME ? wanted : marked(plain, wanted, NAME);
    }

    static String parameter(String value) {
        return value.length() <= PARAMETER ? value : marked(value, value, PARAMETER);
    }

    static String tag(String value) {
        return value.length() <= TAG ? value : marked(value, value, TAG);
    }

    private static String marked(String text, String original, int limit) {
        int kept = Math.min(text.length(), limit - DIGITS - 1);
        if (kept > 0 && kept < text.length() && Character.isHighSurrogate(text.charAt(kept - 1))) {
            kept--;
        }
        return text.substring(0, kept) + "-" + RunKey.digest(original).substring(0, DIGITS);
    }
}
