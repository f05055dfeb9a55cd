package dev.bandit.service.reward;

import dev.bandit.service.decision.DecisionId;
import dev.bandit.service.experiment.Definition.RewardAck;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.ledger.Observation;
import dev.bandit.service.posterior.NamedReward;
import dev.bandit.service.posterior.OutcomeStore;
import dev.bandit.service.posterior.PosteriorProperties;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.Problem;
import dev.bandit.service.store.GroupCommit;
import dev.bandit.service.store.StoreUnavailable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The one way a reward becomes part of a posterior. Whatever its source, it is counted once; those of one experiment that wait together are
 * counted in one script call.
 */
@Component
public class RewardRecorder {

    private static final int MAX_WAITING = 100_000;
    private static final Duration PACE = Duration.ofNanos(500_000);
    /** A batch that takes longer has met a server that is silent; those who come then are told so, and do not pile up. */
    private static final Duration STUCK = Duration.ofSeconds(1);
    /** How long a reward waits to be counted before its sender is told to send it again. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ExperimentRegistry experiments;
    private final OutcomeStore outcomes;
    private final Duration remember;
    private final Map<String, GroupCommit<Waiting>> waiting = new ConcurrentHashMap<>();
    private final Map<OutcomeStore.Status, Counter> counters = new EnumMap<>(OutcomeStore.Status.class);
    private final Counter refused;
    private final Counter failed;

    RewardRecorder(
            ExperimentRegistry experiments,
            OutcomeStore outcomes,
            PosteriorProperties properties,
            MeterRegistry metrics) {
        this.experiments = experiments;
        this.outcomes = outcomes;
        this.remember = properties.remember();
        for (OutcomeStore.Status status : List.of(
                OutcomeStore.Status.APPLIED,
                OutcomeStore.Status.DUPLICATE,
                OutcomeStore.Status.CONFLICT,
                OutcomeStore.Status.LATE)) {
            counters.put(status, counter(metrics, status.name().toLowerCase(java.util.Locale.ROOT)));
        }
        refused = counter(metrics, "refused");
        failed = counter(metrics, "unavailable");
    }

    private static Counter counter(MeterRegistry metrics, String outcome) {
        return Counter.builder("bandit.rewards")
                .description("Rewards by what became of them")
                .tag("outcome", outcome)
                .register(metrics);
    }

    private record Waiting(Experiment experiment, LedgerEvent outcome, CompletableFuture<Recorded> answer) {}

    /**
     * Counts a reward, once, or puts an observation on record.
     *
     * @return completes when it is as durable as the experiment asks for; fails with a problem: 409 for another value than before, 503 when
     *     Redis (or, if it is to be waited for, Postgres) did not take it in time
     * @throws dev.bandit.service.problem.Problem if it cannot be counted: 400, 404 or 410
     */
    public CompletableFuture<Recorded> record(Occurrence occurrence) {
        Waiting made;
        try {
            made = waiting(occurrence);
        } catch (RuntimeException e) {
            refused.increment();
            throw e;
        }
        GroupCommit<Waiting> group = waiting.computeIfAbsent(
                made.experiment.id(),
                id -> new GroupCommit<>(OutcomeStore.MAX_BATCH, MAX_WAITING, () -> PACE, this::send));
        if (group.stuck(STUCK)) {
            failed.increment();
            throw new StoreUnavailable("Redis does not answer.", null);
        }
        if (group.add(number -> made) == null) {
            failed.increment();
            throw new StoreUnavailable("Too many rewards wait to be counted.", null);
        }
        return made.answer;
    }

    /** An item of a batch that can be counted. */
    private record Countable(int index, Experiment experiment, LedgerEvent outcome) {}

    /**
     * Counts a batch, each item once: those of an experiment go to Redis together, up to {@link OutcomeStore#MAX_BATCH} in a script call, and
     * wait neither for others nor for each other.
     *
     * @return what became of each, in order; never fails. What came more than once in the batch counts once
     */
    public CompletableFuture<List<Recording>> recordAll(List<? extends Occurrence> occurrences) {
        Recording[] results = new Recording[occurrences.size()];
        Map<String, List<Countable>> groups = new LinkedHashMap<>();
        for (int i = 0; i < results.length; i++) {
            try {
                Waiting item = waiting(occurrences.get(i));
                groups.computeIfAbsent(item.experiment.id(), id -> new ArrayList<>())
                        .add(new Countable(i, item.experiment, item.outcome));
            } catch (Problem problem) {
                refused.increment();
                results[i] = new Recording.Refused(problem);
            }
        }
        List<CompletableFuture<?>> calls = new ArrayList<>();
        for (List<Countable> group : groups.values()) {
            for (int from = 0; from < group.size(); from += OutcomeStore.MAX_BATCH) {
                List<Countable> call = group.subList(from, Math.min(group.size(), from + OutcomeStore.MAX_BATCH));
                calls.add(durable(
                                call.getLast().experiment,
                                call.stream().map(Countable::outcome).toList())
                        .durable
                        .handle((statuses, failure) -> {
                            for (int i = 0; i < call.size(); i++) {
                                Countable item = call.get(i);
                                results[item.index] =
                                        statuses == null ? unavailable(failure) : recording(item, statuses.get(i));
                            }
                            return null;
                        }));
            }
        }
        return CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).thenApply(done -> List.of(results));
    }

    private Recording unavailable(Throwable failure) {
        failed.increment();
        return new Recording.Refused(Answers.problem(failure));
    }

    private Recording recording(Countable item, OutcomeStore.Status status) {
        count(item.outcome, status);
        return switch (status) {
            case APPLIED, DUPLICATE, LATE -> new Recording.Done(recorded(item.experiment, item.outcome, status));
            case CONFLICT -> new Recording.Refused(conflict(item.outcome));
            case NOTHING -> throw new IllegalStateException("a reward was taken for the end of a window");
        };
    }

    private void count(LedgerEvent outcome, OutcomeStore.Status status) {
        if (outcome.kind() == Kind.REWARD) {
            counters.getOrDefault(status, refused).increment();
        }
    }

    private static Recorded recorded(Experiment experiment, LedgerEvent outcome, OutcomeStore.Status status) {
        return new Recorded(
                experiment.id(),
                outcome.armId(),
                status == OutcomeStore.Status.DUPLICATE,
                status == OutcomeStore.Status.LATE);
    }

    private static RewardProblem conflict(LedgerEvent outcome) {
        return RewardProblem.conflict(
                NamedReward.is(outcome.eventId()) ? "reward_id '" + outcome.rewardId() + "'" : "The decision");
    }

    private Waiting waiting(Occurrence occurrence) {
        return switch (occurrence) {
            case Reward.OfDecision r -> ofDecision(Kind.REWARD, r.decision(), r.micros(), r.rewardId(), null);
            case Reward.OfArm r ->
                ofArm(Kind.REWARD, r.experimentId(), r.armId(), r.unitId(), r.micros(), r.rewardId());
            case Occurrence.Exposure e -> ofArm(Kind.DECISION, e.experimentId(), e.armId(), e.unitId(), -1, e.name());
            case Occurrence.Observed o -> ofDecision(Kind.OBSERVATION, o.decision(), -1, null, o.observation());
        };
    }

    private Waiting ofDecision(
            Kind kind, DecisionId decision, int micros, @Nullable String rewardId, @Nullable Observation observation) {
        Experiment experiment = taking(decision.experimentId());
        long now = System.currentTimeMillis();
        if (decision.decidedAt().toEpochMilli() + remember.toMillis() < now) {
            throw RewardProblem.tooOld(decision.decidedAt().toString(), remember.toDays() + " days");
        }
        return new Waiting(
                experiment,
                new LedgerEvent(
                        kind,
                        decision.eventId(),
                        decision.decidedAt().toEpochMilli(),
                        now,
                        decision.armId(),
                        null,
                        null,
                        micros,
                        rewardId,
                        observation),
                new CompletableFuture<>());
    }

    private Waiting ofArm(
            Kind kind, String experimentId, String armId, @Nullable String unitId, int micros, String name) {
        Experiment experiment = taking(experimentId);
        if (experiment.armIndex(armId).isEmpty()) {
            throw new InvalidRequest("arm_id", "is '" + armId + "', expected an arm of '" + experimentId + "'");
        }
        long now = System.currentTimeMillis();
        return new Waiting(
                experiment,
                new LedgerEvent(kind, NamedReward.eventId(name), now, now, armId, unitId, null, micros, name),
                new CompletableFuture<>());
    }

    private Experiment taking(String experimentId) {
        Experiment experiment = experiments.get(experimentId);
        if (experiment.status() == Status.ARCHIVED) {
            throw RewardProblem.archived(experimentId);
        }
        return experiment;
    }

    private CompletableFuture<?> send(List<Waiting> batch) {
        Experiment experiment = batch.getLast().experiment;
        List<LedgerEvent> events = batch.stream().map(Waiting::outcome).toList();
        Call call = durable(experiment, events);
        call.durable.whenCompleteAsync(
                (statuses, failure) -> {
                    if (failure == null) {
                        answer(batch, statuses);
                    } else {
                        fail(batch, failure);
                    }
                },
                // The waiting requests are virtual threads; woken from one, they need not be handed across.
                Thread::startVirtualThread);
        return call.counted;
    }

    /** One script call: when Redis has counted it, and when it is as durable as the experiment asks for. */
    private record Call(
            CompletableFuture<List<OutcomeStore.Status>> counted,
            CompletableFuture<List<OutcomeStore.Status>> durable) {}

    private Call durable(Experiment experiment, List<LedgerEvent> events) {
        CompletableFuture<List<OutcomeStore.Status>> counted = CompletableFuture.completedFuture(events)
                .thenCompose(all -> outcomes.record(experiment, all))
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        boolean ledger = experiment.definition().rewardAck() == RewardAck.LEDGER;
        CompletableFuture<List<OutcomeStore.Status>> durable = ledger
                ? counted.thenCompose(statuses ->
                                outcomes.committed(experiment, events).thenApply(done -> statuses))
                        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                : counted;
        return new Call(counted, durable);
    }

    private void fail(List<Waiting> batch, Throwable failure) {
        failed.increment(batch.size());
        for (Waiting reward : batch) {
            reward.answer.completeExceptionally(Answers.problem(failure));
        }
    }

    private void answer(List<Waiting> batch, List<OutcomeStore.Status> statuses) {
        for (int i = 0; i < statuses.size(); i++) {
            Waiting reward = batch.get(i);
            OutcomeStore.Status status = statuses.get(i);
            count(reward.outcome, status);
            switch (status) {
                case APPLIED, DUPLICATE, LATE ->
                    reward.answer.complete(recorded(reward.experiment, reward.outcome, status));
                case CONFLICT -> reward.answer.completeExceptionally(conflict(reward.outcome));
                case NOTHING -> throw new IllegalStateException("a reward was taken for the end of a window");
            }
        }
    }
}
