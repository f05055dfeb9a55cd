package dev.bandit.core.evaluation;

import java.util.Locale;

/**
 * Estimators of the mean reward of a target policy from rounds that another policy decided, as the Open Bandit Pipeline defines
 * them (Y. Saito, S. Aihara, M. Matsutani and Y. Narita, <i>Open Bandit Dataset and Pipeline</i>, 2021). With {@code w = pi_e /
 * p_b} of the arm that was chosen, r its reward, q what a model predicts of it, and m what the model expects of the target
 * policy, each is a mean over rounds.
 */
public enum Estimator {
    /** {@code w r}: inverse propensity weighting, unbiased. */
    IPW(Terms.X),
    /** {@code min(w, clip) r}: of less variance, and too small by what it clips. */
    CLIPPED_IPW(Terms.CLIPPED_X),
    /** {@code sum(w r) / sum(w)}: self-normalised, consistent, mostly of far less variance than IPW. */
    SNIPW(Terms.X),
    /** {@code m}: the model alone, and as good as that. */
    DM(Terms.C),
    /** {@code m + w (r - q)}: doubly robust, unbiased. */
    DR(Terms.C),
    /** {@code m + min(w, clip) (r - q)}. */
    CLIPPED_DR(Terms.CLIPPED_C),
    /** {@code mean(m) + sum(w (r - q)) / sum(w)}. */
    SNDR(Terms.C),
    /** {@code m + w (r - q)} where {@code w <= tau}, else {@code m} (Y. Wang, A. Agarwal and M. Dudik 2017). */
    SWITCH_DR(Terms.SWITCHED_C),
    /** {@code m + lambda w / (w^2 + lambda) (r - q)} (Y. Su, M. Dimakopoulou, A. Krishnamurthy and M. Dudik 2020). */
    DROS(Terms.SHRUNK_C);

    /** Where the part that rewards have in it is summed; DM has none. */
    final int term;

    Estimator(int term) {
        this.term = term;
    }

    /** The name on the command line and in JSON, such as {@code clipped_dr}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it needs a model's predictions. */
    public boolean usesModel() {
        return term >= Terms.C;
    }

    /** Whether it divides by the sum of the weights instead of the number of rounds. */
    boolean isSelfNormalised() {
        return this == SNIPW || this == SNDR;
    }

    /** Whether it leaves to the model what it takes from the weights, see {@link OffPolicyResult}. */
    boolean leansOnModel() {
        return usesModel() && this != DR && this != SNDR;
    }

    /** From sums over rounds; NaN where they do not define it. */
    double value(double[] sums) {
        double model = usesModel() ? sums[Terms.M] / sums[Terms.N] : 0;
        return this == DM ? model : model + sums[term] / sums[isSelfNormalised() ? Terms.W : Terms.N];
    }
}
