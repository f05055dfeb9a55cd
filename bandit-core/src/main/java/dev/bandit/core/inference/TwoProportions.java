package dev.bandit.core.inference;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Two arms' success rates under <i>fixed</i> allocation, looked at once. Differences are treatment minus control. Under adaptive
 * allocation, or when looked at repeatedly, use {@link AdaptiveMean} and {@link ConfidenceSequence}.
 */
public record TwoProportions(Proportion control, Proportion treatment) {
    /** The treatment's rate minus the control's; undefined when an arm has no trials. */
    public OptionalDouble difference() {
        return isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(rate(treatment) - rate(control));
    }

    /** The pooled z statistic; undefined when an arm has no trials, or there are only successes or only failures. */
    public OptionalDouble z() {
        double n = (double) control.trials() + treatment.trials();
        double successes = control.successes() + treatment.successes();
        double failures = control.failures() + treatment.failures();
        if (isEmpty() || successes == 0 || failures == 0) {
            return OptionalDouble.empty();
        }
        double se = Math.sqrt(successes / n * (failures / n) * (1.0 / control.trials() + 1.0 / treatment.trials()));
        return OptionalDouble.of((rate(treatment) - rate(control)) / se);
    }

    /** One-sided p value for the treatment being better; undefined where {@link #z} is. */
    public OptionalDouble pValueGreater() {
        OptionalDouble z = z();
        return z.isEmpty() ? z : OptionalDouble.of(Normal.upperTail(z.getAsDouble()));
    }

    /** Two-sided p value; undefined where {@link #z} is. */
    public OptionalDouble pValueTwoSided() {
        OptionalDouble z = z();
        return z.isEmpty() ? z : OptionalDouble.of(2 * Normal.upperTail(Math.abs(z.getAsDouble())));
    }

    /**
     * The hybrid score interval for the difference, method 10 of R. G. Newcombe, <i>Interval estimation for the difference between
     * independent proportions</i> (1998), no continuity correction; undefined when an arm has no trials.
     *
     * @param level in (0, 1)
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public Optional<Interval> newcombe(double level) {
        return control.wilson(level).flatMap(c -> treatment.wilson(level).map(t -> newcombe(c, t)));
    }

    private Interval newcombe(Interval c, Interval t) {
        double p = rate(treatment);
        double q = rate(control);
        double down = Math.hypot(p - t.lower(), c.upper() - q);
        double up = Math.hypot(t.upper() - p, q - c.lower());
        return new Interval(Math.max(-1, p - q - down), Math.min(1, p - q + up));
    }

    /** {@code treatment rate / control rate - 1}; undefined when an arm has no trials or the control no success. */
    public OptionalDouble relativeLift() {
        return isEmpty() || control.successes() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((rate(treatment) - rate(control)) / rate(control));
    }

    /**
     * An interval for the relative lift from the normal approximation to the logarithm of the ratio (D. Katz et al., <i>Obtaining
     * confidence intervals for the risk ratio in cohort studies</i>, 1978). Undefined when an arm has no trials or no success, or
     * neither has a failure.
     *
     * @param level in (0, 1)
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public Optional<Interval> relativeLiftInterval(double level) {
        double z = Normal.halfWidth(level);
        double failures = control.failures() + treatment.failures();
        if (isEmpty() || control.successes() == 0 || treatment.successes() == 0 || failures == 0) {
            return Optional.empty();
        }
        double half = z * Math.sqrt(logVariance(control) + logVariance(treatment));
        double log = Math.log(rate(treatment) / rate(control));
        return Optional.of(new Interval(Math.expm1(log - half), Math.expm1(log + half)));
    }

    private boolean isEmpty() {
        return control.trials() == 0 || treatment.trials() == 0;
    }

    private static double logVariance(Proportion arm) {
        return arm.failures() / arm.successes() / arm.trials();
    }

    private static double rate(Proportion arm) {
        return arm.successes() / arm.trials();
    }
}
