package dev.bandit.service.faults;

import static dev.bandit.service.testing.ServiceProcessClient.object;

import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Clients that do not give up: selects, rewards of decisions and named rewards of one experiment, each asked again until it is answered,
 * some sent twice, some sent with another value. What was acknowledged is written down, for {@link Trial#agreesWith}.
 */
final class Traffic implements AutoCloseable {

    /** How long one call may go unanswered while servers come and go. */
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final double[] VALUES = {0, 1, 1, 0.25, 0.123457};

    /** An acknowledged decision; its unit is the name by which it is found again. */
    record Decision(String unit, String arm, double propensity, String decisionId, boolean degraded) {}

    /** An acknowledged reward. */
    record Reward(String arm, double value, boolean late) {}

    /** By unit. */
    final Map<String, Decision> decisions = new ConcurrentHashMap<>();
    /** Of decisions, by unit. */
    final Map<String, Reward> rewards = new ConcurrentHashMap<>();
    /** By their own name. */
    final Map<String, Reward> named = new ConcurrentHashMap<>();
    /** What should not have been answered. */
    final Queue<String> violations = new ConcurrentLinkedQueue<>();

    private final List<ServiceProcessClient> replicas;
    private final String experiment;
    private final List<String> arms;
    private final String name;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger acknowledged = new AtomicInteger();
    private volatile boolean stopped;

    /**
     * @param replicas each call, and each try, asks any of them
     * @param name begins the name of every unit and reward, so that one experiment can have traffic more than once
     */
    Traffic(List<ServiceProcessClient> replicas, String experiment, List<String> arms, String name) {
        this.replicas = replicas;
        this.experiment = experiment;
        this.arms = arms;
        this.name = name;
    }

    /** Clients, each with its own sequence of calls that follows from the seed, until {@link #stop}. */
    Traffic start(int clients, long seed) {
        for (int i = 0; i < clients; i++) {
            var random = new SplittableRandom(seed + i);
            var prefix = name + i + "-";
            threads.submit(() -> {
                try {
                    for (int n = 0; !stopped; n++) {
                        step(prefix + n, random);
                    }
                } catch (RuntimeException | Error e) {
                    violations.add(prefix + " gave up: " + e);
                    throw e;
                }
            });
        }
        return this;
    }

    /** Calls so far that had an answer. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Ends every client once its present call is answered. */
    Traffic stop() {
        stopped = true;
        threads.shutdown();
        try {
            if (!threads.awaitTermination(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("The clients did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return this;
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdownNow();
    }

    /** One decision and what follows from it. */
    void step(String key, SplittableRandom random) {
        var decision = select(key, null);
        if (random.nextDouble() < 0.7) {
            reward(decision, VALUES[random.nextInt(VALUES.length)], random);
        }
        if (random.nextDouble() < 0.3) {
            rewardArm("r-" + key, arms.get(random.nextInt(arms.size())), VALUES[random.nextInt(VALUES.length)], random);
        }
    }

    /**
     * A decision; every try has a unit of its own, since one that was not answered may be on record.
     *
     * @param eligible the only arms to choose from; null for all
     */
    Decision select(String key, @Nullable List<String> eligible) {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int attempt = 0; ; attempt++) {
            var unit = key + "." + attempt;
            Object last;
            try {
                var answer = anyReplica()
                        .post(
                                "/select",
                                object("experiment_id", experiment, "unit_id", unit, "eligible_arms", eligible));
                if (answer.status() == 200) {
                    var decision = new Decision(
                            unit,
                            answer.text("arm_id"),
                            answer.body().required("propensity").asDouble(),
                            answer.text("decision_id"),
                            answer.header("Bandit-Degraded").isPresent());
                    decisions.put(unit, decision);
                    acknowledged.incrementAndGet();
                    return decision;
                }
                last = answer;
                if (answer.status() < 500) {
                    violations.add("select " + unit + ": " + answer);
                }
            } catch (UncheckedIOException e) {
                last = e;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("No decision for " + unit + " within " + PATIENCE + ", the last try: " + last);
            }
            pause();
        }
    }

    /** Rewards a decision, perhaps twice, perhaps with another value afterwards. */
    void reward(Decision decision, double value, SplittableRandom random) {
        var body = body(decision, value);
        var answer = send(body);
        if (!expect(answer, 200, "reward of " + decision.unit)) {
            return;
        }
        rewards.put(decision.unit, new Reward(decision.arm, value, answer.body().has("late")));
        again(body, body(decision, other(value)), random);
    }

    /** A reward of an arm by its own name, perhaps twice, perhaps with another value afterwards. */
    void rewardArm(String rewardId, String arm, double value, SplittableRandom random) {
        var body = body(rewardId, arm, value);
        if (!expect(send(body), 200, "reward " + rewardId)) {
            return;
        }
        named.put(rewardId, new Reward(arm, value, false));
        again(body, body(rewardId, arm, other(value)), random);
    }

    /** The reward has the unit's name, by which it is found in the ledger even where the decision is missing. */
    private static Map<String, Object> body(Decision decision, double value) {
        return object("decision_id", decision.decisionId, "reward", value, "reward_id", decision.unit);
    }

    private Map<String, Object> body(String rewardId, String arm, double value) {
        return object("experiment_id", experiment, "arm_id", arm, "reward", value, "reward_id", rewardId);
    }

    /** Sends every reward again, which has to change nothing, and again with another value, which has to be refused. */
    void sendAllAgain() {
        rewards.forEach((unit, reward) -> {
            var decision = Objects.requireNonNull(decisions.get(unit));
            expectKnown(body(decision, reward.value), body(decision, other(reward.value)));
        });
        named.forEach((id, reward) ->
                expectKnown(body(id, reward.arm, reward.value), body(id, reward.arm, other(reward.value))));
    }

    private void expectKnown(Map<String, Object> same, Map<String, Object> other) {
        expectDuplicate(same);
        expect(send(other), 409, "other value: " + other);
    }

    private void again(Map<String, Object> same, Map<String, Object> other, SplittableRandom random) {
        if (random.nextDouble() < 0.1) {
            expectDuplicate(same);
        }
        if (random.nextDouble() < 0.05) {
            expect(send(other), 409, "other value: " + other);
        }
    }

    private void expectDuplicate(Map<String, Object> same) {
        var answer = send(same);
        if (expect(answer, 200, "again: " + same) && !answer.text("status").equals("duplicate")) {
            violations.add("counted twice: " + same + " -> " + answer);
        }
    }

    private static double other(double value) {
        return value == 0.5 ? 0.75 : 0.5;
    }

    private Answer send(Map<String, Object> reward) {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Object last;
            try {
                var answer = anyReplica().post("/reward", reward);
                if (answer.status() < 500) {
                    acknowledged.incrementAndGet();
                    return answer;
                }
                last = answer;
            } catch (UncheckedIOException e) {
                last = e;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("No answer to " + reward + " within " + PATIENCE + ", the last try: " + last);
            }
            pause();
        }
    }

    private ServiceProcessClient anyReplica() {
        return replicas.get(ThreadLocalRandom.current().nextInt(replicas.size()));
    }

    private boolean expect(Answer answer, int status, String what) {
        if (answer.status() != status) {
            violations.add(what + ": " + answer + ", expected " + status);
            return false;
        }
        return true;
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
