package dev.bandit.core.policy;

/** Shares the traffic by the experiment's weights, whatever was learned: the classical A/B test. */
public record FixedSplit() implements Policy {
    @Override
    public ArmDistribution distribution(Arms arms) {
        double[] weights = arms.allocation();
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        double[] result = new double[weights.length];
        for (int k = 0; k < result.length; k++) {
            result[k] = weights[k] / sum;
        }
        return ArmDistribution.of(result);
    }
}
