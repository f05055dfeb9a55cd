package dev.bandit.service.experiment;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What is tested and how; immutable, valid by construction (the constructor refuses with {@link InvalidDefinition}). {@link #of} gives the
 * defaults, {@link #toBuilder} a changed copy.
 *
 * @param policy how arms are chosen
 * @param epsilon share of decisions that explore, in [0, 1], for {@link PolicyName#EPSILON_GREEDY} only; default 0.1
 * @param prior of every arm; default Beta(1, 1)
 * @param feedback how rewards become successes and failures; default explicit
 * @param window how long a decision waits for its reward, 1 s to 30 d; set exactly when feedback is {@link Feedback#WINDOW}
 * @param exposureEvent event type that counts as an exposure, for streamed events
 * @param successEvent event type that counts as a success, for streamed events
 * @param variants the arms, 2 to 10,000, names distinct
 * @param minAllocation floor of every arm's probability under an adaptive policy, in [0, 1 / arms]; default 0. A fixed split has its own shares.
 * @param stickyTtl how long a unit keeps its arm under an adaptive policy, 1 s to 365 d; null: not at all. A fixed split is sticky by hashing.
 * @param rewardAck what an acknowledged reward means; default store
 * @param decisionAck what an acknowledged decision means; default journal
 * @param guardrails thresholds of the report
 * @param stop when the experiment is over
 */
public record Definition(
        PolicyName policy,
        double epsilon,
        Prior prior,
        Feedback feedback,
        @Nullable Duration window,
        @Nullable String exposureEvent,
        @Nullable String successEvent,
        Variants variants,
        double minAllocation,
        @Nullable Duration stickyTtl,
        RewardAck rewardAck,
        DecisionAck decisionAck,
        Guardrails guardrails,
        Stop stop) {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Checks what the parts cannot check alone. */
    public Definition {
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(prior, "prior");
        Objects.requireNonNull(feedback, "feedback");
        Objects.requireNonNull(variants, "variants");
        Objects.requireNonNull(rewardAck, "rewardAck");
        Objects.requireNonNull(decisionAck, "decisionAck");
        Objects.requireNonNull(guardrails, "guardrails");
        Objects.requireNonNull(stop, "stop");
        epsilon = Check.between("epsilon", epsilon, 0, 1);
        if (window == null && feedback == Feedback.WINDOW) {
            throw new InvalidDefinition("window", "is missing, expected a duration such as 15m with feedback window");
        }
        if (window != null && feedback != Feedback.WINDOW) {
            throw new InvalidDefinition("window", "is set, expected none with feedback " + feedback.label());
        }
        if (window != null) {
            Check.duration("window", window, SECOND, Duration.ofDays(30));
        }
        Check.event("exposure_event", exposureEvent);
        Check.event("success_event", successEvent);
        if (exposureEvent != null && successEvent != null && exposureEvent.equals(successEvent)) {
            throw new InvalidDefinition(
                    "success_event",
                    "is " + Check.shown(successEvent) + ", the exposure_event too, expected another event type");
        }
        int arms = variants.size();
        if (!(minAllocation >= 0 && minAllocation <= 1.0 / arms)) {
            throw new InvalidDefinition(
                    "min_allocation",
                    "is " + minAllocation + ", expected 0 to " + 1.0 / arms + " (1 / " + arms + " arms)");
        }
        minAllocation = minAllocation + 0.0;
        if (stickyTtl != null) {
            Check.duration("sticky_ttl", stickyTtl, SECOND, Duration.ofDays(365));
        }
    }

    /** These arms and every default: Thompson sampling from Beta(1, 1), explicit feedback, no floor, nothing sticky. */
    public static Definition of(Variants variants) {
        return new DefinitionBuilder(variants).build();
    }

    /** A builder that starts from this definition. */
    public DefinitionBuilder toBuilder() {
        return new DefinitionBuilder(this);
    }

    /** The position of the arm of that name, if there is one; constant time. */
    public OptionalInt armIndex(String armId) {
        return variants.armIndex(armId);
    }

    /** The policies, by the names callers use for them in lower case. */
    public enum PolicyName implements Label {
        THOMPSON,
        TOP_TWO,
        FIXED,
        EPSILON_GREEDY
    }

    /** How rewards become successes and failures. */
    public enum Feedback implements Label {
        /** Rewards 0 and 1 (or between) are posted. */
        EXPLICIT,
        /** A decision is a failure until its success arrives. */
        EXPOSURE,
        /** A decision unrewarded after the window is a failure, once. */
        WINDOW
    }

    /** What an acknowledged reward means. */
    public enum RewardAck implements Label {
        /** Redis has it. */
        STORE,
        /** Postgres has committed it too. */
        LEDGER
    }

    /** What an acknowledged decision means. */
    public enum DecisionAck implements Label {
        /** The local journal has it: no end of the process loses it. Redis has it soon after. */
        JOURNAL,
        /** Redis has it too; while Redis is away, the journal alone. */
        STORE,
        /** As journal, but when the journal is full the decision is made all the same, and is not on record. */
        ASYNC
    }

    /** Beta prior, both in [1e-6, 1e6], multiples of 1e-6. */
    public record Prior(double alpha, double beta) {

        /** Beta(1, 1). */
        public static final Prior UNIFORM = new Prior(1, 1);

        public Prior {
            Check.multipleOfMillionth("prior.alpha", alpha, 1e-6, 1e6);
            Check.multipleOfMillionth("prior.beta", beta, 1e-6, 1e6);
        }
    }

    /** One arm: its name, its share under a fixed split in [0, 1], whether it is the control, and whether nobody gets it for now. */
    public record Variant(String name, double allocation, boolean control, boolean paused) {

        /** An arm that is not paused. */
        public Variant(String name, double allocation, boolean control) {
            this(name, allocation, control, false);
        }

        public Variant {
            Check.name("name", name);
            allocation = Check.between("allocation", allocation, 0, 1);
        }
    }

    /**
     * Thresholds of the report.
     *
     * @param minLift least difference of rates worth shipping, absolute, in [0, 1)
     * @param maxLatencyRegression most relative slowdown that is tolerated, in [0, 100]
     * @param alpha significance level, in (0, 1)
     * @param power wanted, in (0, 1)
     * @param onRegression what a proven latency regression does
     */
    public record Guardrails(
            double minLift, double maxLatencyRegression, double alpha, double power, OnRegression onRegression) {

        public static final Guardrails DEFAULT = new Guardrails(0.02, 0.25, 0.05, 0.8, OnRegression.REPORT);

        public Guardrails {
            minLift = Check.between("guardrails.min_lift", minLift, 0, 1);
            maxLatencyRegression = Check.between("guardrails.max_latency_regression", maxLatencyRegression, 0, 100);
            Check.strictlyBetween("guardrails.alpha", alpha, 0, 1);
            Check.strictlyBetween("guardrails.power", power, 0, 1);
        }
    }

    /** What a treatment does that is proven to be slower than is tolerated. */
    public enum OnRegression implements Label {
        /** The report says so. */
        REPORT,
        /** Nobody gets that arm any more, until somebody resumes it. */
        PAUSE_ARM,
        /** The experiment is concluded with the control, to which all traffic goes. */
        CONTROL
    }

    /**
     * When the experiment is over.
     *
     * @param probBest probability of being the best that the leader must reach, in [0, 1]
     * @param maxExpectedLoss expected loss that the leader must fall below, in [0, 1]
     * @param maxValueRemaining what another arm may still be better by, relative to the leader, with probability 5 %, that the leader must
     *     fall below, 0 to 1e6; null or 0: not asked for
     * @param minDecisionsPerArm decisions every arm must have had, 0 to 1e12
     * @param minRuntime time the experiment must have run since it was made or last resumed, 0 s to 3650 d
     * @param autoConclude whether it is then concluded with the leader, rather than reported
     */
    public record Stop(
            double probBest,
            double maxExpectedLoss,
            @Nullable Double maxValueRemaining,
            long minDecisionsPerArm,
            Duration minRuntime,
            boolean autoConclude) {

        public static final Stop DEFAULT = new Stop(0.95, 0.001, null, 100, Duration.ofHours(72), false);

        private static final long MOST_DECISIONS = 1_000_000_000_000L;

        public Stop {
            probBest = Check.between("stop.prob_best", probBest, 0, 1);
            maxExpectedLoss = Check.between("stop.max_expected_loss", maxExpectedLoss, 0, 1);
            if (maxValueRemaining != null) {
                maxValueRemaining = Check.between("stop.max_value_remaining", maxValueRemaining, 0, 1e6);
            }
            if (minDecisionsPerArm < 0 || minDecisionsPerArm > MOST_DECISIONS) {
                throw new InvalidDefinition(
                        "stop.min_decisions_per_arm", "is " + minDecisionsPerArm + ", expected 0 to " + MOST_DECISIONS);
            }
            Check.duration("stop.min_runtime", minRuntime, Duration.ZERO, Duration.ofDays(3650));
        }
    }
}
