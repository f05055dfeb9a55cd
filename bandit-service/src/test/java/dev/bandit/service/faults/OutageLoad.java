package dev.bandit.service.faults;

import static org.awaitility.Awaitility.await;

import dev.bandit.service.faults.OutageClient.Answer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * A steady load on one experiment: a select each time one is due, whatever has become of those before, and its reward when it is answered.
 * Remembers every answer, so that it can be held against the ledger.
 */
final class OutageLoad implements AutoCloseable {

    private static final int SENDERS = 16;
    private static final long IMPATIENCE_NANOS = Duration.ofMillis(20).toNanos();
    private static final long WARM_NANOS = Duration.ofSeconds(1).toNanos();

    private final OutageClient client;
    private final String experiment;
    private final double share;
    private final Queue<Answer> selects = new ConcurrentLinkedQueue<>();
    private final Queue<Answer> rewards = new ConcurrentLinkedQueue<>();
    private final Map<String, Decided> decided = new ConcurrentHashMap<>();
    private final Map<String, Double> rewarded = new ConcurrentHashMap<>();
    private final Map<String, Double> unrewarded = new ConcurrentHashMap<>();
    private final Phaser underWay = new Phaser(1);
    private final Thread pacemaker;
    private volatile boolean stopped;

    /** A decision as it was answered. */
    record Decided(String arm, double propensity, String policy, boolean degraded) {}

    private OutageLoad(OutageClient client, String experiment, double share, Consumer<OutageLoad> work) {
        this.client = client;
        this.experiment = experiment;
        this.share = share;
        this.pacemaker = Thread.ofPlatform().name("load " + experiment).daemon().start(() -> work.accept(this));
    }

    /**
     * Starts it.
     *
     * @param perSecond selects
     * @param share of them that are rewarded, 0 to 1
     */
    static OutageLoad start(OutageClient client, String experiment, int perSecond, double share) {
        return new OutageLoad(client, experiment, share, load -> load.pace(perSecond));
    }

    /**
     * Starts clients that each send the next request when they have the last answer, and rewards for all decisions. One
     * that is refused comes again much sooner than it was told to.
     */
    static OutageLoad crowd(OutageClient client, String experiment, int clients) {
        return new OutageLoad(client, experiment, 1, load -> load.crowd(clients));
    }

    /** Makes and rewards decisions of an experiment of its own until the service, which has just been started, answers quickly. */
    static void warmUp(OutageClient client) throws InterruptedException {
        client.put("/experiments/warm-up", "{\"variants\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");
        await("warm")
                .atMost(OutageClient.PATIENCE.multipliedBy(3))
                .until(() -> client.select("warm-up").ok());
        try (OutageLoad load = start(client, "warm-up", 100, 1)) {
            await("warm").atMost(OutageClient.PATIENCE.multipliedBy(3)).until(() -> {
                List<Answer> last = OutageAnswers.since(System.nanoTime() - WARM_NANOS, load.rewards());
                return last.size() > 50
                        && last.stream().allMatch(answer -> answer.ok() && answer.nanos() < WARM_NANOS / 4);
            });
        }
    }

    private void pace(int perSecond) {
        long interval = Duration.ofSeconds(1).dividedBy(perSecond).toNanos();
        long due = System.nanoTime();
        for (long n = 0; !stopped; n++) {
            long number = n;
            inBackground(() -> one(number));
            due += interval;
            long wait = due - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            }
        }
    }

    private void crowd(int clients) {
        for (int i = 0; i < clients; i++) {
            long first = i;
            inBackground(() -> {
                for (long n = first; !stopped; n += clients) {
                    if (!one(n)) {
                        LockSupport.parkNanos(IMPATIENCE_NANOS);
                    }
                }
            });
        }
    }

    private void inBackground(Runnable work) {
        underWay.register();
        Thread.ofVirtual().start(() -> {
            try {
                work.run();
            } finally {
                underWay.arriveAndDeregister();
            }
        });
    }

    /** A select, and its reward; false when the select was refused. */
    private boolean one(long number) {
        Answer select = client.select(experiment);
        selects.add(select);
        if (!select.ok()) {
            return false;
        }
        JsonNode json = select.json();
        String token = json.path("decision_id").asString();
        decided.put(
                token,
                new Decided(
                        json.path("arm_id").asString(),
                        json.path("propensity").asDouble(),
                        json.path("policy").asString(),
                        select.degraded() != null));
        if (Math.floor((number + 1) * share) > Math.floor(number * share)) {
            reward(token, number % 3 == 0 ? 1 : 0);
        }
        return true;
    }

    private void reward(String token, double value) {
        Answer reward = client.reward(token, value);
        rewards.add(reward);
        if (reward.ok()) {
            rewarded.put(token, value);
            unrewarded.remove(token);
        } else {
            unrewarded.put(token, value);
        }
    }

    /** Sends again, once each, the rewards that were not taken; answers whether all now are. */
    boolean retryRewards() throws InterruptedException {
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            senders.invokeAll(Map.copyOf(unrewarded).entrySet().stream()
                    .map(reward -> Executors.callable(() -> reward(reward.getKey(), reward.getValue())))
                    .toList());
        }
        return unrewarded.isEmpty();
    }

    /** Sends nothing more, and waits for every answer. */
    OutageLoad stop() throws InterruptedException {
        stopped = true;
        pacemaker.join();
        if (!underWay.isTerminated()) {
            underWay.awaitAdvance(underWay.arriveAndDeregister());
        }
        return this;
    }

    Collection<Answer> selects() {
        return selects;
    }

    Collection<Answer> rewards() {
        return rewards;
    }

    /** Token to what was answered, for every select that was answered with 200. */
    Map<String, Decided> decided() {
        return decided;
    }

    /** Token to value, for every reward that was answered with 200. */
    Map<String, Double> rewarded() {
        return rewarded;
    }

    /** Token to value of the rewards that were never answered with 200. */
    Map<String, Double> unrewarded() {
        return unrewarded;
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
