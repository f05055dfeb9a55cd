package dev.bandit.service.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How a decision's arm did its work: the inference between a decision and its reward.
 *
 * @param latencyMs how long it took, 0 or more; null if not told
 * @param score what it answered, if that is a number
 * @param modelVersion which model answered
 * @param metrics what else was measured, as a JSON object of numbers
 */
public record Observation(
        @Nullable Double latencyMs,
        @Nullable Double score,
        @Nullable String modelVersion,
        @Nullable String metrics) {

    int bytes() {
        return 8 + 8 + 2 + length(modelVersion) + 2 + length(metrics);
    }

    private static int length(@Nullable String text) {
        return text == null ? 0 : text.getBytes(UTF_8).length;
    }

    void put(ByteBuffer out) {
        out.putDouble(latencyMs == null ? Double.NaN : latencyMs).putDouble(score == null ? Double.NaN : score);
        LedgerEvent.putText(out, modelVersion == null ? new byte[0] : modelVersion.getBytes(UTF_8));
        LedgerEvent.putText(out, metrics == null ? new byte[0] : metrics.getBytes(UTF_8));
    }

    static Observation read(ByteBuffer in) {
        double latencyMs = in.getDouble();
        double score = in.getDouble();
        String modelVersion = LedgerEvent.getText(in);
        String metrics = LedgerEvent.getText(in);
        return new Observation(
                Double.isNaN(latencyMs) ? null : latencyMs,
                Double.isNaN(score) ? null : score,
                modelVersion.isEmpty() ? null : modelVersion,
                metrics.isEmpty() ? null : metrics);
    }
}
