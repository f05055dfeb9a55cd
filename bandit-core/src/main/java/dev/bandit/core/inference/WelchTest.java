package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Optional;

/**
 * Welch's t test of two means (B. L. Welch 1947), variances not assumed equal.
 *
 * @param difference the treatment's mean minus the control's
 * @param standardError of the difference, above 0
 * @param degreesOfFreedom of Welch and Satterthwaite, above 0
 */
public record WelchTest(double difference, double standardError, double degreesOfFreedom) {
    /**
     * @throws IllegalArgumentException if the standard error or the degrees of freedom are not finite and above 0
     */
    public WelchTest {
        Require.finite("difference", difference);
        if (!(standardError > 0 && standardError < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("standardError must be finite and above 0, but is " + standardError);
        }
        if (!(degreesOfFreedom > 0 && degreesOfFreedom < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "degreesOfFreedom must be finite and above 0, but are " + degreesOfFreedom);
        }
    }

    /** Undefined when a sample has less than two observations, or neither has any spread. */
    public static Optional<WelchTest> of(Moments control, Moments treatment) {
        return of(control, treatment, 1);
    }

    /** The same for the treatment's mean minus {@code factor} times the control's. */
    static Optional<WelchTest> of(Moments control, Moments treatment, double factor) {
        if (control.n() < 2 || treatment.n() < 2) {
            return Optional.empty();
        }
        double c = factor * factor * squaredError(control);
        double t = squaredError(treatment);
        double sum = c + t;
        if (!(sum > 0)) {
            return Optional.empty();
        }
        double shareC = c / sum;
        double shareT = t / sum;
        double df = 1 / (shareC * shareC / (control.n() - 1) + shareT * shareT / (treatment.n() - 1));
        return Optional.of(new WelchTest(treatment.mean() - factor * control.mean(), Math.sqrt(sum), df));
    }

    private static double squaredError(Moments sample) {
        return sample.squares() / (sample.n() - 1) / sample.n();
    }

    /** t. */
    public double statistic() {
        return difference / standardError;
    }

    public double pValueTwoSided() {
        return Math.min(1, 2 * StudentT.upperTail(Math.abs(statistic()), degreesOfFreedom));
    }

    /** One-sided p value for the treatment's mean being larger. */
    public double pValueGreater() {
        return StudentT.upperTail(statistic(), degreesOfFreedom);
    }

    /** One-sided p value for the treatment's mean being smaller. */
    public double pValueLess() {
        return StudentT.upperTail(-statistic(), degreesOfFreedom);
    }

    /**
     * For the difference of the means.
     *
     * @param level in (0, 1)
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public Interval interval(double level) {
        double half = StudentT.critical((1 - Require.inside("level", level)) / 2, degreesOfFreedom) * standardError;
        return new Interval(difference - half, difference + half);
    }
}
