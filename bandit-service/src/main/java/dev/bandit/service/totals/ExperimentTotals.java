package dev.bandit.service.totals;

import dev.bandit.core.inference.AdaptiveSampleRatio;
import dev.bandit.core.inference.EqualArmsEProcess;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An experiment's running totals.
 *
 * @param batch up to which batch of the ledger everything is in here
 * @param at when that was
 * @param shared what is of no single arm; null before the first event
 * @param arms by name, also of arms that are no longer in the definition
 */
public record ExperimentTotals(
        long batch, Instant at, @Nullable Shared shared, Map<String, ArmTotals> arms) {

    /** The same, seen later to have everything still. */
    ExperimentTotals asOf(Instant later) {
        return new ExperimentTotals(batch, later, shared, arms);
    }

    /**
     * What is of no single arm.
     *
     * @param arms the order of arms in what follows
     * @param ratio how often arms were chosen against their propensities
     * @param evidence that any arm differs; nothing is added where feedback is exposure, since there every decision has failed until it
     *     succeeds
     */
    public record Shared(List<String> arms, AdaptiveSampleRatio.State ratio, EqualArmsEProcess.State evidence) {}
}
