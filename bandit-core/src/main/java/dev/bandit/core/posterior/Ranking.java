package dev.bandit.core.posterior;

import java.util.Arrays;

/**
 * Where each of several independent Beta arms ranks: what Thompson sampling shows in a list, whose first place goes to the largest
 * draw, the second to the next, and so on.
 *
 * <pre>P(rank of k is r) = integral f_k(x) P(exactly r - 1 of the others are above x) dx</pre>
 *
 * <p>The number of those above x has the generating function {@code prod_{j != k} (F_j + z (1 - F_j))}, of which only the first
 * powers are needed; products from both sides leave arm k out without a division. Meant for offline use: a node costs K incomplete
 * beta functions.
 */
public final class Ranking {
    private static final int N = GaussLegendre.NODES;
    private static final double REACH = 36;
    private static final double WIDTH = 1.5;

    private final int arms;
    private final int ranks;
    private final double[] alpha;
    private final double[] beta;
    private final double[] lower;
    private final double[] upper;
    private final double[] scale;
    private final double[] cdf;
    private final double[][] before;
    private final double[][] after;
    private final double[][] result;

    private Ranking(double[] alpha, double[] beta, int ranks) {
        this.arms = alpha.length;
        this.ranks = ranks;
        this.alpha = alpha;
        this.beta = beta;
        lower = new double[arms];
        upper = new double[arms];
        scale = new double[arms];
        cdf = new double[arms];
        before = new double[arms + 1][ranks];
        after = new double[arms + 1][ranks];
        result = new double[ranks][arms];
        for (int k = 0; k < arms; k++) {
            lower[k] = -LogitBeta.upperBound(beta[k], alpha[k], REACH);
            upper[k] = LogitBeta.upperBound(alpha[k], beta[k], REACH);
            scale[k] = LogitBeta.scale(alpha[k], beta[k]);
        }
        before[0][0] = 1;
        after[arms][0] = 1;
    }

    /**
     * P(arm k has the r-th largest rate); accurate to 1e-9 absolute.
     *
     * @param alpha one value per arm, finite and above 0
     * @param beta one value per arm, finite and above 0
     * @param ranks how many places there are, 1 to the number of arms
     * @return by rank from the first, then by arm; every rank's sum is 1
     * @throws IllegalArgumentException if the arrays are empty, differ in length or hold an invalid parameter, or there are more ranks
     *     than arms
     * @throws ArithmeticException if the accuracy cannot be reached
     */
    public static double[][] probabilities(double[] alpha, double[] beta, int ranks) {
        BestArm.requireArms(alpha, beta);
        if (ranks < 1 || ranks > alpha.length) {
            throw new IllegalArgumentException("ranks must be 1 to " + alpha.length + ", but are " + ranks);
        }
        Ranking ranking = new Ranking(alpha, beta, ranks);
        ranking.integrate();
        return ranking.result;
    }

    private void integrate() {
        double end = Arrays.stream(upper).max().getAsDouble();
        double at = Arrays.stream(lower).min().getAsDouble();
        while (at < end) {
            double next = Math.min(end, at + width(at));
            panel(at, next);
            at = next;
        }
        for (double[] rank : result) {
            double sum = Arrays.stream(rank).sum();
            if (!(Math.abs(sum - 1) < 1e-8)) {
                throw new ArithmeticException("The probabilities of a rank sum to " + sum);
            }
            for (int k = 0; k < arms; k++) {
                rank[k] /= sum;
            }
        }
    }

    /** As far as the narrowest arm here allows, and not into one that is narrower. */
    private double width(double at) {
        double width = Double.POSITIVE_INFINITY;
        double nextStart = Double.POSITIVE_INFINITY;
        for (int k = 0; k < arms; k++) {
            if (lower[k] <= at && at < upper[k]) {
                width = Math.min(width, WIDTH * scale[k]);
            } else if (lower[k] > at) {
                nextStart = Math.min(nextStart, lower[k]);
            }
        }
        return Math.min(width, nextStart - at);
    }

    private void panel(double from, double to) {
        double half = (to - from) / 2;
        for (int i = 0; i < N; i++) {
            double u = from + half * (1 + GaussLegendre.NODE[i]);
            node(u, half * GaussLegendre.WEIGHT[i]);
        }
    }

    private void node(double u, double weight) {
        double x = LogOdds.rate(u);
        double y = LogOdds.rate(-u);
        for (int k = 0; k < arms; k++) {
            cdf[k] = u <= lower[k] ? 0 : u >= upper[k] ? 1 : IncompleteBeta.lower(alpha[k], beta[k], x, y);
        }
        for (int k = 0; k < arms; k++) {
            times(before[k], cdf[k], before[k + 1]);
        }
        for (int k = arms - 1; k >= 0; k--) {
            times(after[k + 1], cdf[k], after[k]);
        }
        for (int k = 0; k < arms; k++) {
            if (u > lower[k] && u < upper[k]) {
                double density =
                        weight * Math.exp(LogitBeta.logPeak(alpha[k], beta[k]) + LogitBeta.drop(alpha[k], beta[k], u));
                for (int r = 0; r < ranks; r++) {
                    double exactly = 0;
                    for (int s = 0; s <= r; s++) {
                        exactly += before[k][s] * after[k + 1][r - s];
                    }
                    result[r][k] += density * exactly;
                }
            }
        }
    }

    /** {@code to = from (F + z (1 - F))}, as far as there are ranks. */
    private void times(double[] from, double below, double[] to) {
        for (int r = ranks - 1; r >= 0; r--) {
            to[r] = from[r] * below + (r == 0 ? 0 : from[r - 1] * (1 - below));
        }
    }
}
