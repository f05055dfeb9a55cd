package dev.bandit.service.snapshot;

import dev.bandit.service.report.ArmReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One arm at one tick, in the words of {@code posterior_snapshots}.
 *
 * @param exposuresInc exposures since the snapshot before
 * @param successesInc successes since the snapshot before
 * @param successRateTotal null before the first exposure
 */
public record SnapshotRow(
        String testId,
        String variant,
        Instant timestamp,
        double alpha,
        double beta,
        long exposuresInc,
        double successesInc,
        long exposuresTotal,
        double successesTotal,
        @Nullable Double successRateTotal,
        double mean,
        double ciLow,
        double ciHigh,
        double probBest,
        double expectedLoss) {

    /** Totals of an arm at the snapshot before. */
    record Totals(long exposures, double successes) {
        static final Totals NONE = new Totals(0, 0);
    }

    static SnapshotRow from(String testId, Instant tick, ArmReport arm, Totals before) {
        return new SnapshotRow(
                testId,
                arm.armId(),
                tick,
                arm.posterior().alpha(),
                arm.posterior().beta(),
                arm.trials() - before.exposures,
                Math.round((arm.successes() - before.successes) * 1e6) / 1e6,
                arm.trials(),
                arm.successes(),
                arm.trials() == 0 ? null : arm.successes() / arm.trials(),
                arm.posterior().mean(),
                arm.interval().lower(),
                arm.interval().upper(),
                arm.probBest(),
                arm.expectedLoss());
    }
}
