package dev.bandit.core.evaluation;

/** What is summed over rounds, and where: x weighted rewards, m the model's expectation, c its correction by the reward. */
final class Terms {
    /** 1, w, and what each estimator needs: bucket by bucket what the bootstrap draws, the others of all rounds. */
    static final int N = 0;

    static final int W = 1;
    static final int X = 2;
    static final int CLIPPED_X = 3;
    static final int M = 4;
    static final int C = 5;
    static final int BY_BUCKET = 6;

    static final int CLIPPED_C = 6;
    static final int SWITCHED_C = 7;
    static final int SHRUNK_C = 8;
    static final int SUMS = 9;

    /** Products of two of them, of all rounds. */
    static final int WW = 0;

    static final int XX = 1;
    static final int XW = 2;
    static final int CLIPPED_XX = 3;
    static final int MM = 4;
    static final int MC = 5;
    static final int CC = 6;
    static final int MW = 7;
    static final int CW = 8;
    static final int PRODUCTS = 9;

    /** Products, and behind them the sums that are not kept by bucket. */
    static final int OVERALL = PRODUCTS + SUMS - BY_BUCKET;

    /** Where in {@link #OVERALL} one of those is. */
    static int overall(int sum) {
        return PRODUCTS + sum - BY_BUCKET;
    }

    /** The smallest and the largest of x, clipped x and m + c, and the largest weight. */
    static final int LOWEST = 0;

    static final int HIGHEST = 3;
    static final int MAX_WEIGHT = 6;
    static final int EXTREMES = 7;

    private Terms() {}
}
