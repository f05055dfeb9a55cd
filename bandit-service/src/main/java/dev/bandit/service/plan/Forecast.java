package dev.bandit.service.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the simulations of a plan came to; what {@code POST /plan} answers.
 *
 * @param fixedSample null when no sample has the power: min_lift is 0
 * @param notes where the simulation is coarser than was asked for
 */
public record Forecast(
        Recommendation recommendation,
        @Nullable FixedSample fixedSample,
        Design bandit,
        Design fixedSplit,
        int replications,
        long seed,
        List<String> notes) {

    /**
     * What to do.
     *
     * @param design bandit, fixed_split or neither
     * @param reason in plain sentences
     */
    public record Recommendation(String design, String reason) {}

    /**
     * The sample by power calculation.
     *
     * @param rate what the treatment's rate has to be to be found with that power
     * @param days until that many decisions have been made and rewarded
     */
    public record FixedSample(long perArm, long total, double rate, double days) {}

    /**
     * One way to run the experiment.
     *
     * @param medianDays to the verdict in half of all runs, null if fewer come to one
     * @param p90Days to the verdict in nine of ten runs, null if fewer come to one
     * @param noVerdict share of runs that come to none
     * @param errorRate share of runs that name an arm worse than the best; if all are equal, that ship another than the control
     * @param shipsIfEqual share of runs that ship another arm than the control when all have the control's rate
     * @param lostSuccesses against always the best arm, until the last day, the named arm having all traffic after the verdict
     * @param lostSuccessesMargin half the width of a 95 % interval for that, as there are only so many runs
     * @param lostBeforeVerdict the part of the lost that came before the verdict
     */
    public record Design(
            @Nullable Double medianDays,
            @Nullable Double p90Days,
            double noVerdict,
            double errorRate,
            double shipsIfEqual,
            double lostSuccesses,
            double lostSuccessesMargin,
            double lostBeforeVerdict) {}
}
