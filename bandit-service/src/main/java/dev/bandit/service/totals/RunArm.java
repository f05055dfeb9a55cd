package dev.bandit.service.totals;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What a run added to an arm, and how the arm stood then.
 *
 * @param firstBatch of the ledger that the run took in; 1 when it began from nothing
 * @param trials outcomes, or decisions where feedback is exposure
 * @param successes sum of the rewards
 * @param latencyMs mean of all so far, ms; null before the first
 * @param score mean of all so far; null before the first
 */
record RunArm(
        long runId,
        Instant at,
        String experimentId,
        String armId,
        long firstBatch,
        long lastBatch,
        long decisions,
        long units,
        long trials,
        double successes,
        long observations,
        long decisionsTotal,
        long unitsTotal,
        long trialsTotal,
        double successesTotal,
        @Nullable Double latencyMs,
        @Nullable Double score) {

    /** Begins with the run, by which the file is continued. */
    static final String HEADER = "run_id,timestamp,test_id,variant,first_batch,last_batch,"
            + "decisions_inc,units_inc,trials_inc,successes_inc,observations_inc,"
            + "decisions_total,units_total,trials_total,successes_total,success_rate_total,latency_ms_mean,score_mean\n";

    /** In UTC, always with milliseconds. */
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    /** Names need no quotes, and are no formulas for a spreadsheet: they are letters, digits, dots, underscores and hyphens. */
    String line() {
        StringBuilder line = new StringBuilder(200)
                .append(runId)
                .append(',')
                .append(TIME.format(at))
                .append(',')
                .append(experimentId)
                .append(',')
                .append(armId);
        append(line, firstBatch, lastBatch, decisions, units, trials, successes, observations);
        append(line, decisionsTotal, unitsTotal, trialsTotal, successesTotal);
        append(line, trialsTotal == 0 ? null : successesTotal / trialsTotal, latencyMs, score);
        return line.append('\n').toString();
    }

    /** The shortest text from which the same number is read; nothing for null. */
    private static void append(StringBuilder line, @Nullable Number... values) {
        for (Number value : values) {
            line.append(',');
            if (value != null) {
                line.append(value);
            }
        }
    }
}
