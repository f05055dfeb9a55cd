package dev.bandit.core.evaluation;

import dev.bandit.core.inference.Estimate;
import dev.bandit.core.inference.Interval;
import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.numeric.Require;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * What the rounds of an {@link OffPolicyEvaluation} say: estimates, three kinds of intervals, and whether to believe them.
 *
 * <p>{@link Estimator#DM}, {@code CLIPPED_DR}, {@code SWITCH_DR} and {@code DROS} leave to the model what they take from the
 * weights. Their own terms do not tell how the model errs, so that intervals from them would be far too narrow. A mean of a
 * {@linkplain CellRewardModel cell} errs as much as the correction that is left out: linearised, all of them have the influence
 * {@code m + w (r - q)} of {@link Estimator#DR}, and they get its spread. What no interval knows is bias: of a model that
 * predicts badly even with many rounds, and of {@code CLIPPED_IPW}, whose intervals are for the clipped mean.
 *
 * <p>Where propensities followed earlier rewards, means stay right, but the normal approximation sets in later.
 */
public final class OffPolicyResult {
    /** Relative to the squares it is the difference of, a variance below is what rounding left of the terms. */
    private static final BigDecimal RESOLVED = new BigDecimal("1e-24");

    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    /** The means of terms that have bounds, in the order of {@link Terms#LOWEST}. */
    private static final List<Estimator> BOUNDED = List.of(Estimator.IPW, Estimator.CLIPPED_IPW, Estimator.DR);

    /** Bounds may be missed by as much as rounding does, relative to their distance. */
    private static final double SLACK = 1e-9;

    private static final int LEAST_BUCKETS = 30;
    private static final int LEAST_REPLICATES = 100;

    private final OffPolicySettings settings;
    private final BigDecimal[] totals = new BigDecimal[Terms.SUMS];
    private final BigDecimal[] products = new BigDecimal[Terms.PRODUCTS];
    private final double[] extremes;

    /** The sums of each bucket that has rounds. */
    private final double[][] buckets;

    OffPolicyResult(OffPolicySettings settings, CompensatedSums sums, CompensatedSums overall, double[] extremes) {
        this.settings = settings;
        this.extremes = extremes;
        CompensatedSums total = new CompensatedSums(Terms.BY_BUCKET);
        double[][] filled = new double[settings.buckets()][];
        int size = 0;
        for (int b = 0; b < settings.buckets(); b++) {
            int at = b * Terms.BY_BUCKET;
            if (sums.get(at + Terms.N) > 0) {
                double[] bucket = new double[Terms.BY_BUCKET];
                for (int i = 0; i < Terms.BY_BUCKET; i++) {
                    bucket[i] = sums.get(at + i);
                    total.add(i, sums, at + i);
                }
                filled[size++] = bucket;
            }
        }
        buckets = Arrays.copyOf(filled, size);
        Arrays.setAll(totals, i -> i < Terms.BY_BUCKET ? total.exact(i) : overall.exact(Terms.overall(i)));
        Arrays.setAll(products, overall::exact);
    }

    /** How many rounds there are. */
    public long rounds() {
        return totals[Terms.N].longValue();
    }

    /**
     * Whether the rounds can say anything about the target policy.
     *
     * @param untried share of its choices that were never made, in [0, 1], see {@link CellRewardModel#untried}; 0 if not known
     * @throws IllegalArgumentException if the share is outside [0, 1]
     */
    public Overlap overlap(double untried) {
        double sum = totals[Terms.W].doubleValue();
        double squares = products[Terms.WW].doubleValue();
        double variance = rounds() < 2
                ? 0
                : variance(products[Terms.WW], totals[Terms.W], products[Terms.WW])
                                .doubleValue()
                        / rounds();
        double maxWeight = rounds() == 0 ? 0 : extremes[Terms.MAX_WEIGHT];
        return Overlap.of(rounds(), sum, squares, maxWeight, variance, untried);
    }

    /** The estimate; undefined without rounds, and for the self-normalised if all weights are 0. */
    public OptionalDouble value(Estimator estimator) {
        boolean ratio = estimator.isSelfNormalised();
        if (rounds() == 0 || (ratio && totals[Terms.W].signum() == 0)) {
            return OptionalDouble.empty();
        }
        BigDecimal part = estimator == Estimator.DM ? BigDecimal.ZERO : totals[estimator.term];
        BigDecimal model = estimator.usesModel() ? totals[Terms.M] : BigDecimal.ZERO;
        // Both over n W or n alone, so that parts of opposite signs do not cancel after they were rounded.
        BigDecimal numerator =
                ratio ? model.multiply(totals[Terms.W]).add(part.multiply(totals[Terms.N])) : model.add(part);
        BigDecimal denominator = ratio ? totals[Terms.N].multiply(totals[Terms.W]) : totals[Terms.N];
        return OptionalDouble.of(
                numerator.divide(denominator, MathContext.DECIMAL128).doubleValue());
    }

    /**
     * The estimate with its standard error, for a normal interval: from the variance of the rounds' terms, by the delta method
     * for the self-normalised.
     *
     * @return undefined with fewer than two rounds, if the estimate is, and if nothing varies
     */
    public Optional<Estimate> estimate(Estimator estimator) {
        OptionalDouble value = value(estimator);
        double variance = value.isEmpty() || rounds() < 2 ? 0 : variance(estimator);
        return variance > 0
                ? Optional.of(new Estimate(value.getAsDouble(), Math.sqrt(variance / (double) rounds())))
                : Optional.empty();
    }

    /**
     * An interval that holds for any number of rounds, if rounds are independent: A. Maurer and M. Pontil, <i>Empirical Bernstein
     * bounds and sample variance penalization</i> (2009), with delta = (1 - level) / 2 on each side. Mostly far wider than the
     * normal one.
     *
     * @param level in (0, 1)
     * @param bounds of every round, which give the range of the terms
     * @return of IPW, CLIPPED_IPW and DR, as the others are no means of terms with bounds of their own; undefined with fewer
     *     than two rounds, and if terms can have one value only
     * @throws IllegalArgumentException if the level is outside (0, 1), or a round was outside the bounds
     */
    public Optional<Interval> bernstein(Estimator estimator, double level, Bounds bounds) {
        Require.inside("level", level);
        int place = BOUNDED.indexOf(estimator);
        if (place < 0 || rounds() < 2) {
            return Optional.empty();
        }
        double weight = estimator == Estimator.CLIPPED_IPW ? settings.clipped(bounds.weight()) : bounds.weight();
        double swing = weight * (bounds.highest() - bounds.lowest());
        double low = estimator.usesModel() ? bounds.lowest() - swing : weight * Math.min(0, bounds.lowest());
        double high = estimator.usesModel() ? bounds.highest() + swing : weight * Math.max(0, bounds.highest());
        double slack = SLACK * (high - low);
        if (extremes[Terms.MAX_WEIGHT] > bounds.weight() * (1 + SLACK)
                || extremes[Terms.LOWEST + place] < low - slack
                || extremes[Terms.HIGHEST + place] > high + slack) {
            throw new IllegalArgumentException("Rounds are outside the bounds: weights go to "
                    + extremes[Terms.MAX_WEIGHT]
                    + " and terms of " + estimator.label() + " from " + extremes[Terms.LOWEST + place] + " to "
                    + extremes[Terms.HIGHEST + place] + ", but may only go to " + bounds.weight() + " and from " + low
                    + " to "
                    + high);
        }
        return bernstein(estimator, level, high - low);
    }

    /**
     * The same with the range of the terms that were observed. That makes it an approximation: a larger term that has not been
     * seen yet is not reckoned with.
     *
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public Optional<Interval> bernstein(Estimator estimator, double level) {
        Require.inside("level", level);
        int place = BOUNDED.indexOf(estimator);
        return place < 0 || rounds() < 2
                ? Optional.empty()
                : bernstein(estimator, level, extremes[Terms.HIGHEST + place] - extremes[Terms.LOWEST + place]);
    }

    private Optional<Interval> bernstein(Estimator estimator, double level, double range) {
        double n = rounds();
        double log = Math.log(4 / (1 - level));
        double half = Math.sqrt(2 * variance(estimator) * log / n) + 7 * range * log / (3 * (n - 1));
        double value = value(estimator).orElseThrow();
        return half > 0 ? Optional.of(new Interval(value - half, value + half)) : Optional.empty();
    }

    /**
     * Percentile intervals of all estimators by one bootstrap that draws buckets with replacement, and computes each estimate
     * anew from their sums, normalisers included.
     *
     * @param level in (0, 1)
     * @param replicates at least {@value #LEAST_REPLICATES}
     * @param random all that makes it random
     * @return without those of which a replicate is undefined; empty with less than {@value #LEAST_BUCKETS} buckets that have
     *     rounds, which would make intervals too narrow
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Map<Estimator, Interval> bootstrap(double level, int replicates, UniformRandomProvider random) {
        Require.inside("level", level);
        if (replicates < LEAST_REPLICATES) {
            throw new IllegalArgumentException(
                    "replicates must be at least " + LEAST_REPLICATES + ", but are " + replicates);
        }
        Map<Estimator, Interval> result = new EnumMap<>(Estimator.class);
        if (buckets.length < LEAST_BUCKETS) {
            return result;
        }
        Map<Estimator, double[]> values = new EnumMap<>(Estimator.class);
        for (Estimator estimator : Estimator.values()) {
            values.put(estimator, new double[replicates]);
        }
        double[] sums = new double[Terms.BY_BUCKET];
        for (int r = 0; r < replicates; r++) {
            Arrays.fill(sums, 0);
            for (int b = 0; b < buckets.length; b++) {
                double[] drawn = buckets[random.nextInt(buckets.length)];
                for (int i = 0; i < Terms.BY_BUCKET; i++) {
                    sums[i] += drawn[i];
                }
            }
            int replicate = r;
            values.forEach(
                    (estimator, drawn) -> drawn[replicate] = spread(estimator).value(sums));
        }
        values.forEach((estimator, sorted) -> {
            Arrays.sort(sorted);
            // NaN sorts last.
            if (!Double.isNaN(sorted[replicates - 1]) && sorted[0] < sorted[replicates - 1]) {
                double shift = spread(estimator) == estimator
                        ? 0
                        : value(estimator).orElseThrow()
                                - value(spread(estimator)).orElseThrow();
                result.put(
                        estimator,
                        new Interval(
                                percentile(sorted, (1 - level) / 2) + shift,
                                percentile(sorted, (1 + level) / 2) + shift));
            }
        });
        return result;
    }

    /** The estimator whose spread it has. */
    private static Estimator spread(Estimator estimator) {
        return estimator.leansOnModel() ? Estimator.DR : estimator;
    }

    /** With linear interpolation between the two nearest. */
    private static double percentile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** The unbiased variance of a round's influence on the estimate; with two rounds or more. */
    private double variance(Estimator estimator) {
        return switch (spread(estimator)) {
            case IPW ->
                variance(products[Terms.XX], totals[Terms.X], products[Terms.XX])
                        .doubleValue();
            case CLIPPED_IPW ->
                variance(products[Terms.CLIPPED_XX], totals[Terms.CLIPPED_X], products[Terms.CLIPPED_XX])
                        .doubleValue();
            case SNIPW ->
                normalised(
                        totals[Terms.X],
                        products[Terms.XX],
                        products[Terms.XW],
                        BigDecimal.ZERO,
                        BigDecimal.ZERO,
                        BigDecimal.ZERO,
                        BigDecimal.ZERO);
            case SNDR ->
                normalised(
                        totals[Terms.C],
                        products[Terms.CC],
                        products[Terms.CW],
                        totals[Terms.M],
                        products[Terms.MM],
                        products[Terms.MC],
                        products[Terms.MW]);
            case DM, DR, CLIPPED_DR, SWITCH_DR, DROS -> {
                BigDecimal size = products[Terms.MM].add(products[Terms.CC]);
                BigDecimal squares = size.add(TWO.multiply(products[Terms.MC]));
                yield variance(squares, totals[Terms.M].add(totals[Terms.C]), size)
                        .doubleValue();
            }
        };
    }

    /** With the influence m + n/W (t - T/W w): in W^2 m + n W t - n T w, the second part sums to 0. */
    private double normalised(
            BigDecimal t, BigDecimal tt, BigDecimal tw, BigDecimal m, BigDecimal mm, BigDecimal mt, BigDecimal mw) {
        BigDecimal w = totals[Terms.W];
        BigDecimal a = w.multiply(w);
        BigDecimal b = totals[Terms.N].multiply(w);
        BigDecimal c = totals[Terms.N].multiply(t);
        BigDecimal size = mm.multiply(a.multiply(a))
                .add(tt.multiply(b.multiply(b)))
                .add(products[Terms.WW].multiply(c.multiply(c)));
        BigDecimal mixed =
                mt.multiply(a.multiply(b)).subtract(mw.multiply(a.multiply(c))).subtract(tw.multiply(b.multiply(c)));
        return variance(size.add(TWO.multiply(mixed)), m.multiply(a), size)
                .divide(a.multiply(a), MathContext.DECIMAL64)
                .doubleValue();
    }

    /**
     * Of n terms.
     *
     * @param squares sum of their squares
     * @param size the same without products of parts that may cancel
     */
    private BigDecimal variance(BigDecimal squares, BigDecimal sum, BigDecimal size) {
        BigDecimal n = totals[Terms.N];
        BigDecimal scatter = n.multiply(squares).subtract(sum.multiply(sum));
        if (scatter.compareTo(RESOLVED.multiply(n).multiply(size)) <= 0) {
            return BigDecimal.ZERO;
        }
        return scatter.divide(n.multiply(n.subtract(BigDecimal.ONE)), MathContext.DECIMAL64);
    }
}
