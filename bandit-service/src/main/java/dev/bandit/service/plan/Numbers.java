package dev.bandit.service.plan;

import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {

    private Numbers() {}

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    /** With as many digits as it has: 12 %, 0.35 %. */
    static String rate(double rate) {
        String digits = String.format(Locale.ROOT, "%.4f", 100 * rate);
        return digits.replaceAll("\\.?0+$", "") + " %";
    }

    /** Never 0 for what is more. */
    static String days(double days) {
        return days > 0 && days < 0.05 ? "less than 0.1" : String.format(Locale.ROOT, "%,.1f", days);
    }

    static String count(double count) {
        return String.format(Locale.ROOT, Math.abs(count) < 10 ? "%,.1f" : "%,.0f", count);
    }

    static String decisions(long count) {
        return String.format(Locale.ROOT, count == 1 ? "%,d decision" : "%,d decisions", count);
    }
}
