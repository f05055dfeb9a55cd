package dev.bandit.core.posterior;

/**
 * The Gauss-Legendre rule of {@value #NODES} nodes on [-1, 1], and the integrals of the polynomial that interpolates a
 * function at those nodes: from each node up to 1, which turns densities into distribution functions at the same nodes.
 *
 * <p>Both come from the Legendre expansion {@code c_m = (2m + 1)/2 sum_k w_k P_m(t_k) f(t_k)} (DLMF 3.5(v), 18.17).
 */
final class GaussLegendre {
    static final int NODES = 16;

    /** Ascending. */
    static final double[] NODE = new double[NODES];

    static final double[] WEIGHT = new double[NODES];

    /** {@code ABOVE[k * NODES + i]}: the part of the integral from node i to 1 owed to the value at node k. */
    static final double[] ABOVE = new double[NODES * NODES];

    /** Weights that give the last coefficient of the expansion. */
    static final double[] LAST = new double[NODES];

    /** Weights that give the coefficient before the last. */
    static final double[] LAST_BUT_ONE = new double[NODES];

    static {
        for (int i = 0; i < NODES; i++) {
            double t = -Math.cos(Math.PI * (i + 0.75) / (NODES + 0.5));
            for (int step = 0; step < 20; step++) {
                t -= legendre(NODES, t) / slope(t);
            }
            NODE[i] = t;
            WEIGHT[i] = 2 / ((1 - t * t) * slope(t) * slope(t));
        }
        for (int k = 0; k < NODES; k++) {
            LAST[k] = coefficientWeight(NODES - 1, k);
            LAST_BUT_ONE[k] = coefficientWeight(NODES - 2, k);
            for (int i = 0; i < NODES; i++) {
                double sum = coefficientWeight(0, k) * (1 - NODE[i]);
                for (int m = 1; m < NODES; m++) {
                    double integral = (legendre(m - 1, NODE[i]) - legendre(m + 1, NODE[i])) / (2 * m + 1);
                    sum += coefficientWeight(m, k) * integral;
                }
                ABOVE[k * NODES + i] = sum;
            }
        }
    }

    private GaussLegendre() {}

    private static double coefficientWeight(int degree, int k) {
        return (2 * degree + 1) / 2.0 * WEIGHT[k] * legendre(degree, NODE[k]);
    }

    private static double slope(double t) {
        return NODES * (t * legendre(NODES, t) - legendre(NODES - 1, t)) / (t * t - 1);
    }

    private static double legendre(int degree, double t) {
        double before = 1;
        double value = degree == 0 ? 1 : t;
        for (int m = 2; m <= degree; m++) {
            double next = ((2 * m - 1) * t * value - (m - 1) * before) / m;
            before = value;
            value = next;
        }
        return value;
    }
}
