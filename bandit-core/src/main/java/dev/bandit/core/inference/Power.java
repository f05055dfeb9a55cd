package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.OptionalDouble;

/**
 * Power and sample size of the comparison of two equally large arms, as statsmodels' {@code NormalIndPower} has them: effects are
 * Cohen's h, and two-sided power counts both tails.
 */
public final class Power {
    private static final int MAX_STEPS = 200;

    /** What counts as a finding. */
    public enum Alternative {
        /** The treatment's rate is larger. */
        LARGER,
        /** The rates differ. */
        TWO_SIDED
    }

    private Power() {}

    /**
     * Cohen's h, {@code 2 (asin sqrt p1 - asin sqrt p0)}, in [-pi, pi].
     *
     * @param control p0 in [0, 1]
     * @param treatment p1 in [0, 1]; for a planned experiment the control's rate plus the least lift that matters (absolute)
     * @throws IllegalArgumentException if a rate is outside [0, 1]
     */
    public static double cohensH(double control, double treatment) {
        Require.unit("control", control);
        Require.unit("treatment", treatment);
        if (control == treatment) {
            return 0;
        }
        // sin(h / 2), without the cancellation of close rates.
        double sine =
                (treatment - control) / (Math.sqrt(treatment * (1 - control)) + Math.sqrt(control * (1 - treatment)));
        return Math.abs(sine) < 0.5
                ? 2 * Math.asin(sine)
                : 2 * (Math.asin(Math.sqrt(treatment)) - Math.asin(Math.sqrt(control)));
    }

    /**
     * The probability of a significant result.
     *
     * @param effect Cohen's h, finite
     * @param perArm observations in each arm, finite and not negative
     * @param alpha in (0, 1)
     * @throws IllegalArgumentException if a value is out of its range
     */
    public static double power(double effect, double perArm, double alpha, Alternative alternative) {
        double shift = Require.finite("effect", effect) * Math.sqrt(Require.notNegative("perArm", perArm) / 2);
        return power(shift, critical(alpha, alternative), alternative);
    }

    /**
     * How many observations each arm needs, not rounded. Undefined for an effect of 0, and for one below 0 when the alternative
     * is {@code LARGER}: no sample is large enough.
     *
     * @param effect Cohen's h, finite
     * @param alpha in (0, 1)
     * @param power in (alpha, 1)
     * @throws IllegalArgumentException if a value is out of its range
     */
    public static OptionalDouble samplePerArm(double effect, double alpha, double power, Alternative alternative) {
        Require.finite("effect", effect);
        double critical = critical(alpha, alternative);
        if (!(power > alpha && power < 1)) {
            throw new IllegalArgumentException("power must be between alpha and 1, but is " + power);
        }
        if (effect == 0 || (effect < 0 && alternative == Alternative.LARGER)) {
            return OptionalDouble.empty();
        }
        double oneTail = critical - Normal.critical(power);
        double shift = alternative == Alternative.LARGER ? oneTail : twoTails(critical, power, oneTail);
        return OptionalDouble.of(2 * (shift / effect) * (shift / effect));
    }

    private static double critical(double alpha, Alternative alternative) {
        Require.inside("alpha", alpha);
        return Normal.critical(alternative == Alternative.TWO_SIDED ? alpha / 2 : alpha);
    }

    private static double power(double shift, double critical, Alternative alternative) {
        double near = Normal.upperTail(critical - shift);
        return alternative == Alternative.LARGER ? near : near + Normal.upperTail(critical + shift);
    }

    /** Newton's method kept inside a bracket; the far tail only ever shortens what one tail needs. */
    private static double twoTails(double critical, double power, double oneTail) {
        double low = 0;
        double high = oneTail;
        double shift = oneTail;
        for (int step = 0; step < MAX_STEPS; step++) {
            double excess = power(shift, critical, Alternative.TWO_SIDED) - power;
            if (excess > 0) {
                high = shift;
            } else {
                low = shift;
            }
            double slope = Normal.density(critical - shift) - Normal.density(critical + shift);
            double next = shift - excess / slope;
            if (!(next > low && next < high)) {
                next = (low + high) / 2;
            }
            if (Math.abs(next - shift) <= 1e-14 * shift) {
                return next;
            }
            shift = next;
        }
        return shift;
    }
}
