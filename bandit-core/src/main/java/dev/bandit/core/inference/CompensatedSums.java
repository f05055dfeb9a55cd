package dev.bandit.core.inference;

/**
 * Sums that lose nothing to rounding until they are read (A. Neumaier, <i>Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen</i>, 1974), so that neither the order nor the partition of the terms matters.
 */
final class CompensatedSums {
    private final double[] sum;
    private final double[] lost;

    CompensatedSums(int size) {
        sum = new double[size];
        lost = new double[size];
    }

    void add(int index, double term) {
        double before = sum[index];
        double after = before + term;
        lost[index] += Math.abs(before) >= Math.abs(term) ? before - after + term : term - after + before;
        sum[index] = after;
    }

    void addAll(CompensatedSums other) {
        for (int i = 0; i < sum.length; i++) {
            add(i, other.sum[i]);
            add(i, other.lost[i]);
        }
    }

    double get(int index) {
        return sum[index] + lost[index];
    }
}
