package dev.bandit.core.posterior;

/** A range of rates that holds the true one with a stated posterior probability, {@code 0 <= lower <= upper <= 1}. */
public record CredibleInterval(double lower, double upper) {
    /**
     * @throws IllegalArgumentException unless 0 &lt;= lower &lt;= upper &lt;= 1
     */
    public CredibleInterval {
        if (!(0 <= lower && lower <= upper && upper <= 1)) {
            throw new IllegalArgumentException("Not an interval within [0, 1]: " + lower + " to " + upper);
        }
    }
}
