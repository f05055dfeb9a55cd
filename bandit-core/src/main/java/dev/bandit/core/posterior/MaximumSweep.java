package dev.bandit.core.posterior;

import java.util.Arrays;

/**
 * One sweep over the distribution of the largest of K independent Beta variables: who it belongs to, and its mean.
 *
 * <p><b>The integral.</b> With densities f and distribution functions F, {@code p_k = integral f_k prod_{j != k} F_j}. Written
 * with {@code G = prod F_j} it is {@code integral (f_k / F_k) G}, which costs K instead of K^2 at each node. The division
 * is harmless: G is at most F_k, and wherever G is not negligible neither is F_k.
 *
 * <p><b>The axis</b> is log-odds ({@link LogitBeta}): smooth densities, no singular ends, for all parameters.
 *
 * <p><b>The direction</b> is downwards, from the highest point any arm reaches. There every F is 1, so that no incomplete
 * beta function is ever called: each panel of nodes adds to the upper tails Q = 1 - F the integral of the polynomial that
 * interpolates f at its nodes. Arms join when the sweep comes down to them ({@link LogitBeta#upperBound}). The
 * sweep ends where G has vanished, and whoever has not joined by then has no chance and has cost nothing.
 *
 * <p><b>The panels</b> are as wide as the narrowest arm that has joined allows, so narrow and wide posteriors mix
 * freely. A panel is accepted on two measured errors: the last Legendre coefficients of every density, and the difference
 * between the quadrature of {@code sum_k (f_k / F_k) G} and its exact value, the change of G over the panel. A rejected
 * panel is tried again narrower. An error of Q enters every product at most once, thus the errors of the panels
 * (1e-9 each, usually 1e-12) bound the error of the result.
 *
 * <p><b>Equal arms</b> are merged and their F raised to a power.
 *
 * <p><b>A stretched arm</b> (see {@link ValueRemaining}) competes with {@code theta (1 + stretch)}, which may exceed 1.
 */
final class MaximumSweep {
    private static final int N = GaussLegendre.NODES;
    private static final double PANEL_TOLERANCE = 1e-9;
    private static final double NEGLIGIBLE = 1e-10;
    private static final double LEAST_CDF = 1e-300;
    private static final double FIRST_WIDTH = 2.5;
    private static final int MAX_REJECTIONS = 60;
    private static final double MOST_TRUST = 1.5;

    private final SweepArms arms;
    private final Panel panel = new Panel();

    /** Per group: the part of the maximum found so far, Q at the top of the panel, and both as the panel leaves them. */
    private final double[] mass;

    private final double[] tail;
    private final double[] nextMass;
    private final double[] nextTail;

    /** Per group and node: f and F. */
    private double[] density = new double[0];

    private double[] cdf = new double[0];

    /** Per node: G times the weight of the node, the sum of all arms' integrands, and scratch space. */
    private final double[] product = new double[N];

    private final double[] total = new double[N];
    private final double[] above = new double[N];

    private double productAtTop = 1;
    private double productAtBottom;
    private double massOfMaximum;
    private double meanOfMaximum;

    private MaximumSweep(SweepArms arms) {
        this.arms = arms;
        mass = new double[arms.size()];
        tail = new double[arms.size()];
        nextMass = new double[arms.size()];
        nextTail = new double[arms.size()];
    }

    /** The sweep over Beta(alpha[k], beta[k]); the arrays are read, not kept. */
    static MaximumSweep over(double[] alpha, double[] beta) {
        MaximumSweep sweep = new MaximumSweep(SweepArms.of(alpha, beta));
        sweep.run();
        return sweep;
    }

    /** The same with arm {@code stretched} multiplied by {@code 1 + stretch}, stretch above 0. */
    static MaximumSweep stretching(int stretched, double stretch, double[] alpha, double[] beta) {
        MaximumSweep sweep = new MaximumSweep(SweepArms.stretching(stretched, stretch, alpha, beta));
        sweep.run();
        return sweep;
    }

    /** P(arm k is the largest) for every arm in the order given. */
    double[] probabilities() {
        double[] result = new double[arms.arms()];
        for (int k = 0; k < result.length; k++) {
            result[k] = mass[arms.groupOf(k)] / massOfMaximum;
        }
        return result;
    }

    /** E[max theta]; not meaningful with a stretched arm. */
    double meanOfMaximum() {
        return meanOfMaximum / massOfMaximum;
    }

    private void run() {
        startFromMassAboveOne();
        double top = arms.upper(0);
        int joined = 0;
        double trust = 1;
        int rejections = 0;
        while (productAtTop > NEGLIGIBLE) {
            double bottom = top - width(top, joined, trust);
            panel.cover(bottom, top, arms.reference());
            int present = joinedAt(bottom, joined);
            double error = evaluate(present);
            trust *= change(error);
            if (error <= PANEL_TOLERANCE) {
                accept(present);
                joined = present;
                top = bottom;
                trust = Math.min(trust, MOST_TRUST);
                rejections = 0;
            } else if (++rejections > MAX_REJECTIONS) {
                throw new ArithmeticException("No convergence near log-odds " + top + ", error " + error);
            }
        }
        if (!(Math.abs(massOfMaximum - 1) < 1e-6)) {
            throw new ArithmeticException("P(best) sums to " + massOfMaximum);
        }
    }

    private void startFromMassAboveOne() {
        int stretched = arms.stretchedGroup();
        if (stretched >= 0) {
            tail[stretched] = arms.massAboveOne();
            mass[stretched] = tail[stretched];
            massOfMaximum = tail[stretched];
            productAtTop = 1 - tail[stretched];
        }
    }

    /** A panel ends where an arm too narrow for it begins, or is as narrow as the arms within it want. */
    private double width(double top, int joined, double trust) {
        double unit = trust * FIRST_WIDTH;
        double width = joined == 0 ? Double.POSITIVE_INFINITY : unit * arms.narrowest(joined);
        for (int j = joined; j < arms.size() && arms.upper(j) > top - width; j++) {
            double own = unit * arms.scale(j);
            if (own < width) {
                if (top - arms.upper(j) > own) {
                    return top - arms.upper(j);
                }
                width = own;
            }
        }
        return width;
    }

    private int joinedAt(double bottom, int joined) {
        int present = joined;
        while (present < arms.size() && arms.upper(present) > bottom) {
            present++;
        }
        return present;
    }

    /** How the width should change for an error that goes with its {@value GaussLegendre#NODES}th power. */
    private static double change(double error) {
        return Math.clamp(0.9 * Math.pow(PANEL_TOLERANCE / Math.max(error, 1e-300), 1.0 / N), 0.3, 1.5);
    }

    /** Fills the panel's tables for the first {@code present} groups and returns its error. */
    private double evaluate(int present) {
        if (density.length < present * N) {
            density = new double[Math.min(2 * present, arms.size()) * N];
            cdf = new double[density.length];
        }
        for (int i = 0; i < N; i++) {
            product[i] = panel.half * GaussLegendre.WEIGHT[i];
        }
        productAtBottom = 1;
        double error = 0;
        for (int j = 0; j < present; j++) {
            arms.density(j, panel, density, j * N);
            nextTail[j] = tail[j] + accumulate(j * N, tail[j]);
            error += arms.count(j) * roughness(j * N);
            multiply(j * N, Math.max(1 - nextTail[j], LEAST_CDF), arms.count(j));
        }
        return error > PANEL_TOLERANCE ? error : error + divide(present);
    }

    private void multiply(int offset, double bottom, int count) {
        if (count == 1) {
            for (int i = 0; i < N; i++) {
                product[i] *= cdf[offset + i];
            }
            productAtBottom *= bottom;
        } else {
            for (int i = 0; i < N; i++) {
                product[i] *= Math.pow(cdf[offset + i], count);
            }
            productAtBottom *= Math.pow(bottom, count);
        }
    }

    /** Shares the panel's part of the maximum out among the arms and returns by how much their sum misses it. */
    private double divide(int present) {
        Arrays.fill(total, 0);
        double sum = 0;
        for (int j = 0; j < present; j++) {
            double own = 0;
            for (int i = 0; i < N; i++) {
                double part = density[j * N + i] / cdf[j * N + i] * product[i];
                total[i] += arms.count(j) * part;
                own += part;
            }
            nextMass[j] = own;
            sum += arms.count(j) * own;
        }
        return Math.abs(sum - (productAtTop - productAtBottom));
    }

    /** Writes F at the nodes and returns the integral of the density over the panel. */
    private double accumulate(int offset, double tailAtTop) {
        Arrays.fill(above, 0);
        double whole = 0;
        for (int k = 0; k < N; k++) {
            double value = density[offset + k] * panel.half;
            whole += value * GaussLegendre.WEIGHT[k];
            for (int i = 0; i < N; i++) {
                above[i] += GaussLegendre.ABOVE[k * N + i] * value;
            }
        }
        for (int i = 0; i < N; i++) {
            cdf[offset + i] = Math.max(1 - (tailAtTop + above[i]), LEAST_CDF);
        }
        return whole;
    }

    /** What the interpolating polynomial misses of the integral, judged by the last two coefficients it has. */
    private double roughness(int offset) {
        double last = 0;
        double lastButOne = 0;
        for (int k = 0; k < N; k++) {
            last += GaussLegendre.LAST[k] * density[offset + k];
            lastButOne += GaussLegendre.LAST_BUT_ONE[k] * density[offset + k];
        }
        return (Math.abs(last) + Math.abs(lastButOne)) * panel.half / N;
    }

    private void accept(int present) {
        for (int j = 0; j < present; j++) {
            mass[j] += nextMass[j];
            tail[j] = nextTail[j];
        }
        for (int i = 0; i < N; i++) {
            massOfMaximum += total[i];
            meanOfMaximum += total[i] * panel.rate(i);
        }
        productAtTop = productAtBottom;
    }
}
