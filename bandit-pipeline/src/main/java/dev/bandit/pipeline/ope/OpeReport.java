package dev.bandit.pipeline.ope;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.core.evaluation.Estimator;
import dev.bandit.core.evaluation.OffPolicyResult;
import dev.bandit.core.evaluation.Overlap;
import dev.bandit.core.inference.Interval;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.rng.simple.RandomSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a log says about another policy.
 *
 * @param log its name
 * @param policy the one asked about
 * @param rounds how many there are
 * @param ess so many rounds of the policy itself would say as much
 * @param verdict {@code ok} or {@code insufficient_overlap}
 * @param reason why there is no answer
 * @param onPolicyValue mean reward of the policy that decided
 * @param interval which one {@code ci_low} and {@code ci_high} are
 * @param estimators none if the log cannot answer
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OpeReport(
        String log,
        String policy,
        long rounds,
        double ess,
        double maxWeight,
        double meanWeight,
        double untried,
        String verdict,
        @Nullable String reason,
        @Nullable Double onPolicyValue,
        double level,
        String interval,
        List<Estimated> estimators) {

    /** The level as people write it: 95, or 99.9. */
    String percent() {
        return BigDecimal.valueOf(level).movePointRight(2).stripTrailingZeros().toPlainString();
    }

    /** Which interval is meant. */
    public enum Kind {
        NORMAL,
        BERNSTEIN,
        BOOTSTRAP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** One estimator; an interval that is not defined is left out. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Estimated(
            String name,
            double value,
            @Nullable Double ciLow,
            @Nullable Double ciHigh,
            @Nullable Ends normal,
            @Nullable Ends bernstein,
            @Nullable Ends bootstrap) {}

    /** An interval. */
    public record Ends(double low, double high) {

        static @Nullable Ends of(Optional<Interval> interval) {
            return interval.map(ends -> new Ends(ends.lower(), ends.upper())).orElse(null);
        }
    }

    /**
     * @param level of all intervals, in (0, 1)
     * @param replicates of the bootstrap
     * @param seed of the bootstrap
     */
    public static OpeReport of(
            String log, String policy, OpeOutcome outcome, Kind kind, double level, int replicates, long seed) {
        OffPolicyResult result = outcome.result();
        Overlap overlap = result.overlap(outcome.untried());
        boolean ok = overlap.isSufficient();
        return new OpeReport(
                log,
                policy,
                result.rounds(),
                overlap.effectiveRounds(),
                overlap.maxWeight(),
                overlap.meanWeight(),
                overlap.untried(),
                ok ? "ok" : "insufficient_overlap",
                reason(overlap),
                Double.isNaN(outcome.onPolicy()) ? null : outcome.onPolicy(),
                level,
                kind.toString(),
                ok ? estimated(outcome, kind, level, replicates, seed) : List.of());
    }

    /** Whether there is an answer. */
    public boolean answered() {
        return reason == null;
    }

    private static List<Estimated> estimated(OpeOutcome outcome, Kind kind, double level, int replicates, long seed) {
        OffPolicyResult result = outcome.result();
        Map<Estimator, Interval> drawn =
                result.bootstrap(level, replicates, RandomSource.XO_SHI_RO_256_PP.create(seed));
        List<Estimated> all = new ArrayList<>();
        for (Estimator estimator : Estimator.values()) {
            if (result.value(estimator).isEmpty()) {
                continue;
            }
            Ends normal = Ends.of(result.estimate(estimator).map(estimate -> estimate.interval(level)));
            Ends bernstein = Ends.of(result.bernstein(estimator, level, outcome.bounds()));
            Ends bootstrap = Ends.of(Optional.ofNullable(drawn.get(estimator)));
            Ends shown = switch (kind) {
                case NORMAL -> normal;
                case BERNSTEIN -> bernstein;
                case BOOTSTRAP -> bootstrap;
            };
            all.add(new Estimated(
                    estimator.label(),
                    result.value(estimator).getAsDouble(),
                    shown == null ? null : shown.low(),
                    shown == null ? null : shown.high(),
                    normal,
                    bernstein,
                    bootstrap));
        }
        return all;
    }

    private static @Nullable String reason(Overlap overlap) {
        return switch (overlap.verdict()) {
            case SUFFICIENT -> null;
            case TOO_FEW_EFFECTIVE_ROUNDS ->
                "These logs cannot answer this: %d rounds say as much as %.0f of the policy itself, expected 100 at least."
                        .formatted(overlap.rounds(), overlap.effectiveRounds());
            case MEAN_WEIGHT_OFF ->
                ("These logs cannot answer this: the mean weight is %.4f and not 1, so the propensities on record are not those"
                                + " that arms were chosen with, or the policy takes arms that had next to no chance.")
                        .formatted(overlap.meanWeight());
            case UNTRIED_ARMS ->
                "These logs cannot answer this: %.1f %% of what the policy does was never tried."
                        .formatted(100 * overlap.untried());
        };
    }
}
