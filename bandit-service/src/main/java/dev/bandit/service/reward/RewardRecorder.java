package dev.bandit.service.reward;

import dev.bandit.service.decision.DecisionId;
import dev.bandit.service.experiment.Definition.RewardAck;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.posterior.NamedReward;
import dev.bandit.service.posterior.OutcomeStore;
import dev.bandit.service.posterior.PosteriorProperties;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.store.GroupCommit;
import dev.bandit.service.store.StoreUnavailable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
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
     * Counts a reward, once.
     *
     * @return completes when it is as durable as the experiment asks for; fails with a problem: 409 for another value than before, 503 when
     *     Redis (or, if it is to be waited for, Postgres) did not take it in time
     * @throws dev.bandit.service.problem.Problem if it cannot be counted: 400, 404 or 410
     */
    public CompletableFuture<Recorded> record(Reward reward) {
        Waiting made;
        try {
            made = switch (reward) {
                case Reward.OfDecision r -> ofDecision(r);
                case Reward.OfArm r -> ofArm(r);
            };
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

    private Waiting ofDecision(Reward.OfDecision reward) {
        DecisionId decision = reward.decision();
        Experiment experiment = taking(decision.experimentId());
        long now = System.currentTimeMillis();
        if (decision.decidedAt().toEpochMilli() + remember.toMillis() < now) {
            throw RewardProblem.tooOld(decision.decidedAt().toString(), remember.toDays() + " days");
        }
        return new Waiting(
                experiment,
                new LedgerEvent(
                        Kind.REWARD,
                        decision.eventId(),
                        decision.decidedAt().toEpochMilli(),
                        now,
                        decision.armId(),
                        null,
                        null,
                        reward.micros(),
                        reward.rewardId()),
                new CompletableFuture<>());
    }

    private Waiting ofArm(Reward.OfArm reward) {
        Experiment experiment = taking(reward.experimentId());
        if (experiment.armIndex(reward.armId()).isEmpty()) {
            throw new InvalidRequest(
                    "arm_id", "is '" + reward.armId() + "', expected an arm of '" + reward.experimentId() + "'");
        }
        long now = System.currentTimeMillis();
        return new Waiting(
                experiment,
                new LedgerEvent(
                        Kind.REWARD,
                        NamedReward.eventId(reward.rewardId()),
                        now,
                        now,
                        reward.armId(),
                        null,
                        null,
                        reward.micros(),
                        reward.rewardId()),
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
        CompletableFuture<List<OutcomeStore.Status>> counted = CompletableFuture.completedFuture(events)
                .thenCompose(all -> outcomes.record(experiment, all))
                .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        boolean ledger = experiment.definition().rewardAck() == RewardAck.LEDGER;
        CompletableFuture<List<OutcomeStore.Status>> durable = ledger
                ? counted.thenCompose(statuses ->
                                outcomes.committed(experiment, events).thenApply(done -> statuses))
                        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                : counted;
        durable.whenCompleteAsync(
                (statuses, failure) -> {
                    if (failure == null) {
                        answer(batch, statuses);
                    } else {
                        fail(batch, failure);
                    }
                },
                // The waiting requests are virtual threads; woken from one, they need not be handed across.
                Thread::startVirtualThread);
        return counted;
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
            counters.getOrDefault(status, refused).increment();
            switch (status) {
                case APPLIED, DUPLICATE, LATE ->
                    reward.answer.complete(new Recorded(
                            reward.experiment.id(),
                            reward.outcome.armId(),
                            status == OutcomeStore.Status.DUPLICATE,
                            status == OutcomeStore.Status.LATE));
                case CONFLICT ->
                    reward.answer.completeExceptionally(RewardProblem.conflict(
                            NamedReward.is(reward.outcome.eventId())
                                    ? "reward_id '" + reward.outcome.rewardId() + "'"
                                    : "The decision"));
                case NOTHING -> throw new IllegalStateException("a reward was taken for the end of a window");
            }
        }
    }
}
