package dev.bandit.service.report;

import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.posterior.CredibleInterval;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.Recount.ArmCounts;
import dev.bandit.service.posterior.State;
import dev.bandit.service.posterior.State.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What one arm has learned.
 *
 * @param armId the arm
 * @param posterior of its success rate
 * @param interval the 95 % equal-tailed credible interval
 * @param probBest probability that no other arm has a higher success rate
 * @param expectedLoss how much success rate is given up, on average over the posteriors, by choosing it
 * @param decisions how often it was chosen
 * @param rewards how many rewards were learned from
 * @param trials how many successes and failures stand behind the posterior
 * @param successes how many of them were successes; a fractional reward is part of one
 */
public record ArmReport(
        String armId,
        BetaPosterior posterior,
        CredibleInterval interval,
        double probBest,
        double expectedLoss,
        long decisions,
        long rewards,
        long trials,
        double successes) {

    private static final double LEVEL = 0.95;

    /** One for each arm of the definition, in its order. */
    public static List<ArmReport> of(Experiment experiment, State state) {
        List<String> arms = experiment.definition().variants().names();
        BetaPosterior[] posteriors = new BetaPosterior[arms.size()];
        double[] alpha = new double[arms.size()];
        double[] beta = new double[arms.size()];
        for (int i = 0; i < alpha.length; i++) {
            Parameters parameters = Objects.requireNonNull(state.parameters().get(arms.get(i)));
            alpha[i] = Double.parseDouble(parameters.alpha());
            beta[i] = Double.parseDouble(parameters.beta());
            posteriors[i] = new BetaPosterior(alpha[i], beta[i]);
        }
        double[] probBest = BestArm.probabilities(alpha, beta);
        double[] losses = BestArm.expectedLosses(alpha, beta);
        boolean exposure = experiment.definition().feedback() == Feedback.EXPOSURE;
        List<ArmReport> reports = new ArrayList<>(alpha.length);
        for (int i = 0; i < alpha.length; i++) {
            ArmCounts counts = state.counts().getOrDefault(arms.get(i), ArmCounts.NONE);
            reports.add(new ArmReport(
                    arms.get(i),
                    posteriors[i],
                    posteriors[i].credibleInterval(LEVEL),
                    probBest[i],
                    losses[i],
                    counts.decisions(),
                    counts.learned() - counts.matured(),
                    exposure ? counts.decisions() : counts.learned(),
                    counts.micros() / 1e6));
        }
        return reports;
    }

    /** Those that are not paused, as if there were no others: nobody gets an arm that is paused, however good it is. */
    static List<ArmReport> active(Experiment experiment, List<ArmReport> all) {
        int[] active = experiment.definition().variants().active();
        if (active.length == all.size()) {
            return all;
        }
        double[] alpha = new double[active.length];
        double[] beta = new double[active.length];
        for (int i = 0; i < active.length; i++) {
            alpha[i] = all.get(active[i]).posterior().alpha();
            beta[i] = all.get(active[i]).posterior().beta();
        }
        double[] probBest = BestArm.probabilities(alpha, beta);
        double[] losses = BestArm.expectedLosses(alpha, beta);
        return IntStream.range(0, active.length)
                .mapToObj(i -> all.get(active[i]).standing(probBest[i], losses[i]))
                .toList();
    }

    private ArmReport standing(double best, double loss) {
        return new ArmReport(armId, posterior, interval, best, loss, decisions, rewards, trials, successes);
    }
}
