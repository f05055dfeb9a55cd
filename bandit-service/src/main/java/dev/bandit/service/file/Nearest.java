package dev.bandit.service.file;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The name that was probably meant. */
final class Nearest {

    private static final int LONGEST = 64;

    private Nearest() {}

    /** The nearest of the names when a third of its characters or fewer have to change, else null. */
    static @Nullable String to(String wrong, Collection<String> names) {
        if (wrong.length() > LONGEST) {
            return null;
        }
        String flat = flat(wrong);
        String nearest = null;
        int least = Integer.MAX_VALUE;
        for (String name : names) {
            int distance = distance(flat, flat(name));
            if (distance < least && distance * 3 <= name.length()) {
                least = distance;
                nearest = name;
            }
        }
        return nearest;
    }

    /** {@code minAllocation}, {@code min-allocation} and {@code Min_Allocation} are the same mistake. */
    private static String flat(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
    }

    /** Levenshtein's distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
