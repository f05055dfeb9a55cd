package dev.bandit.core.posterior;

import java.util.Arrays;

/**
 * The arms of a {@link MaximumSweep}: equal ones merged into groups, groups in the order in which a sweep from above meets
 * them.
 */
final class SweepArms {
    /** A density that has dropped by e^-32 is out of reach: what lies beyond is below 1e-14 of the arm's mass. */
    private static final double REACH = 32;

    private final int[] groupOf;
    private int size;
    private final double[] alpha;
    private final double[] beta;
    private final int[] count;
    private final double[] upper;
    private final double[] scale;
    private final double[] narrowest;
    private final double[] logAtReference;
    private double reference = Double.NEGATIVE_INFINITY;
    private int stretchedGroup = -1;
    private double stretch;

    private SweepArms(int arms) {
        groupOf = new int[arms];
        alpha = new double[arms];
        beta = new double[arms];
        count = new int[arms];
        upper = new double[arms];
        scale = new double[arms];
        narrowest = new double[arms];
        logAtReference = new double[arms];
    }

    static SweepArms of(double[] alpha, double[] beta) {
        return new SweepArms(alpha.length).fill(-1, 0, alpha, beta);
    }

    static SweepArms stretching(int stretched, double stretch, double[] alpha, double[] beta) {
        return new SweepArms(alpha.length).fill(stretched, stretch, alpha, beta);
    }

    private SweepArms fill(int stretched, double by, double[] givenAlpha, double[] givenBeta) {
        stretch = by;
        double[] reach = new double[givenAlpha.length];
        for (int k = 0; k < reach.length; k++) {
            double bound = LogitBeta.upperBound(givenAlpha[k], givenBeta[k], REACH);
            reach[k] = k == stretched ? stretchedUpper(bound) : bound;
        }
        for (int k : descending(reach)) {
            double a = givenAlpha[k];
            double b = givenBeta[k];
            boolean same = size > 0
                    && k != stretched
                    && size - 1 != stretchedGroup
                    && a == alpha[size - 1]
                    && b == beta[size - 1];
            if (!same) {
                alpha[size] = a;
                beta[size] = b;
                upper[size] = reach[k];
                scale[size] = LogitBeta.scale(a, b);
                narrowest[size] = size == 0 ? scale[0] : Math.min(narrowest[size - 1], scale[size]);
                reference = Math.max(reference, LogitBeta.mode(a, b) - 6 * scale[size]);
                if (k == stretched) {
                    stretchedGroup = size;
                }
                size++;
            }
            count[size - 1]++;
            groupOf[k] = size - 1;
        }
        for (int j = 0; j < size; j++) {
            logAtReference[j] = logDensity(j, reference);
        }
        return this;
    }

    private double logDensity(int group, double u) {
        return LogitBeta.logPeak(alpha[group], beta[group]) + LogitBeta.drop(alpha[group], beta[group], u);
    }

    /**
     * Indices by descending value. The index takes the place of the lowest bits of the value, which makes this a sort of
     * primitives; values that agree in all other bits keep the order of their indices, which the sweep does not mind.
     */
    private static int[] descending(double[] values) {
        int bits = 64 - Long.numberOfLeadingZeros(values.length);
        long mask = (1L << bits) - 1;
        long[] keys = new long[values.length];
        for (int k = 0; k < values.length; k++) {
            long raw = Double.doubleToLongBits(-values[k]);
            long sortable = raw ^ ((raw >> 63) & Long.MAX_VALUE);
            keys[k] = (sortable & ~mask) | k;
        }
        Arrays.sort(keys);
        int[] order = new int[values.length];
        for (int k = 0; k < order.length; k++) {
            order[k] = (int) (keys[k] & mask);
        }
        return order;
    }

    /** The stretched arm's reach: as far as the others' largest rate of 1 lets it count. */
    private double stretchedUpper(double bound) {
        double x = LogOdds.rate(bound) * (1 + stretch);
        double y = LogOdds.rate(-bound) - stretch * LogOdds.rate(bound);
        return y > 0 ? Math.min(Math.log(x / y), Math.max(bound, REACH + 8)) : Math.max(bound, REACH + 8);
    }

    int arms() {
        return groupOf.length;
    }

    int groupOf(int arm) {
        return groupOf[arm];
    }

    /** Number of groups. */
    int size() {
        return size;
    }

    int count(int group) {
        return count[group];
    }

    double upper(int group) {
        return upper[group];
    }

    double scale(int group) {
        return scale[group];
    }

    /** The least scale of the first {@code groups} groups. */
    double narrowest(int groups) {
        return narrowest[groups - 1];
    }

    double reference() {
        return reference;
    }

    /** The group of the stretched arm, or -1. */
    int stretchedGroup() {
        return stretchedGroup;
    }

    /** P(theta (1 + stretch) > 1) of the stretched arm. */
    double massAboveOne() {
        double y = stretch / (1 + stretch);
        return IncompleteBeta.lower(beta[stretchedGroup], alpha[stretchedGroup], y, 1 / (1 + stretch));
    }

    /** The group's density over log-odds at the nodes of the panel, written from {@code offset} on. */
    void density(int group, Panel panel, double[] out, int offset) {
        if (group == stretchedGroup) {
            stretchedDensity(panel, out, offset);
            return;
        }
        double a = alpha[group];
        double b = beta[group];
        double c = logAtReference[group];
        for (int i = 0; i < GaussLegendre.NODES; i++) {
            out[offset + i] = Math.exp(a * panel.logX[i] + b * panel.logY[i] + c);
        }
    }

    /**
     * For z = x (1 + stretch) at log-odds u the density is f(x) dx/du = g(logit x) (1 - z) / (1 - x), g the density of
     * {@link LogitBeta}.
     */
    private void stretchedDensity(Panel panel, double[] out, int offset) {
        double a = alpha[stretchedGroup];
        double b = beta[stretchedGroup];
        double peak = LogitBeta.logPeak(a, b);
        for (int i = 0; i < GaussLegendre.NODES; i++) {
            double logZ = LogOdds.logRate(panel.logOdds[i]);
            double aboveZ = LogOdds.rate(-panel.logOdds[i]);
            double x = panel.rate(i) / (1 + stretch);
            double y = (stretch + aboveZ) / (1 + stretch);
            double logX = logZ - Math.log1p(stretch);
            double logY = y < 0.5 ? Math.log(y) : Math.log1p(-x);
            out[offset + i] = Math.exp(peak + LogitBeta.drop(a, b, x, y, logX, logY)) * (aboveZ / y);
        }
    }
}
