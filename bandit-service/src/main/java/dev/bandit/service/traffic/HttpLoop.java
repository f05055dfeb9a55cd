package dev.bandit.service.traffic;

import dev.bandit.cli.Progress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The closed loop: asks a running service for a variant, and answers with the click that its rate draws. */
public final class HttpLoop {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final double LONGEST_WAIT_SECONDS = 5;
    private static final double WAIT_SECONDS = 0.5;
    private static final int TENTHS = 10;

    private final String service;
    private final String experiment;
    private final Plan plan;
    private final Progress progress;
    private final Schedule.Time time;
    private final HttpClient client;

    private final Map<String, long[]> chosen = new TreeMap<>();
    private final Map<String, Long> clicks = new TreeMap<>();
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicLong visits = new AtomicLong();
    private final AtomicLong givenUp = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong away = new AtomicLong();

    /**
     * @param perSecond visits a second; 0 for as fast as it goes
     * @param rates P(click) by arm
     * @param connections how many visits at once
     */
    public record Plan(
            double perSecond, double seconds, Map<String, Double> rates, int users, int connections, long seed) {}

    public HttpLoop(URI service, String experiment, Plan plan, Progress progress) {
        this.service = service.toString().replaceFirst("/+$", "");
        this.experiment = experiment;
        this.plan = plan;
        this.progress = progress;
        this.time = Schedule.Time.SYSTEM;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    /**
     * @return a table that says what the service chose
     * @throws TrafficFailed if there is no such service or experiment, or no visit was answered
     */
    public String run() throws InterruptedException {
        try (client) {
            var explicit = requireExperiment();
            var schedule = new Schedule(plan.perSecond, time);
            try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
                var work = IntStream.range(0, plan.connections)
                        .<Future<?>>mapToObj(any -> workers.submit(() -> {
                            visitAll(schedule, explicit);
                            return null;
                        }))
                        .toList();
                for (var one : work) {
                    one.get();
                }
            } catch (ExecutionException e) {
                throw e.getCause() instanceof TrafficFailed failed
                        ? failed
                        : new TrafficFailed("A visit broke off: " + e.getCause(), e);
            } finally {
                progress.end();
            }
            if (visits.get() == 0) {
                throw new TrafficFailed("%s answered no visit (%d tries without an answer, %d refused)"
                        .formatted(service, away.get(), refused.get()));
            }
            return report(schedule.elapsedSeconds());
        }
    }

    /** Whether failures are told too: with the other kinds of feedback the service finds them by itself. */
    private boolean requireExperiment() throws InterruptedException {
        HttpResponse<String> answer;
        try {
            answer = send(HttpRequest.newBuilder(URI.create(service + "/experiments/" + experiment))
                    .GET());
        } catch (IOException e) {
            throw new TrafficFailed(
                    "No service answers at %s; start one with ./bandit serve, or name it with --http"
                            .formatted(service),
                    e);
        } catch (IllegalArgumentException e) {
            throw new TrafficFailed("%s is no http address: %s".formatted(service, e.getMessage()), e);
        }
        if (answer.statusCode() != 200) {
            throw new TrafficFailed("The service answered %d for the experiment %s: %s"
                    .formatted(answer.statusCode(), experiment, detail(answer)));
        }
        JsonNode feedback = json(answer).findValue("feedback");
        return feedback == null || feedback.asString("explicit").equals("explicit");
    }

    private void visitAll(Schedule schedule, boolean explicit) throws InterruptedException {
        long total = plan.perSecond > 0 ? Math.round(plan.perSecond * plan.seconds) : Long.MAX_VALUE;
        while (true) {
            long n = tickets.getAndIncrement();
            if (n >= total || plan.perSecond <= 0 && schedule.elapsedSeconds() > plan.seconds) {
                return;
            }
            schedule.await(n);
            double part = plan.perSecond > 0 ? (double) n / total : schedule.elapsedSeconds() / plan.seconds;
            if (!visit(n, part, schedule, explicit)) {
                givenUp.incrementAndGet();
            }
            progress.show(part, visits.get(), schedule.elapsedSeconds());
        }
    }

    private boolean visit(long n, double part, Schedule schedule, boolean explicit) throws InterruptedException {
        // One generator a visit: the draws do not depend on which thread comes first.
        var random = new SplittableRandom(plan.seed ^ n * 0x9E3779B97F4A7C15L);
        var unit = "user-" + random.nextInt(plan.users);
        var decision = post(
                "/select", JSON.writeValueAsString(Map.of("experiment_id", experiment, "unit_id", unit)), schedule);
        if (decision == null) {
            return false;
        }
        var arm = decision.path("arm_id").asString("");
        var rate = plan.rates.get(arm);
        if (rate == null) {
            throw new TrafficFailed("The service chose the arm '%s', expected one of %s: name it in --prob"
                    .formatted(arm, String.join(", ", new TreeMap<>(plan.rates).keySet())));
        }
        boolean click = random.nextDouble() < rate;
        count(arm, part, click);
        return !click && !explicit
                || post(
                                "/reward",
                                JSON.writeValueAsString(Map.of(
                                        "decision_id",
                                        decision.path("decision_id").asString(""),
                                        "reward",
                                        click ? 1 : 0)),
                                schedule)
                        != null;
    }

    private synchronized void count(String arm, double part, boolean click) {
        visits.incrementAndGet();
        chosen.computeIfAbsent(arm, any -> new long[TENTHS])[(int) Math.clamp(part * TENTHS, 0, TENTHS - 1)]++;
        clicks.merge(arm, click ? 1L : 0L, Long::sum);
    }

    /** As a client that does not give up while the run lasts: null if it ended before there was an answer. */
    private @Nullable JsonNode post(String path, String body, Schedule schedule) throws InterruptedException {
        while (true) {
            double wait = WAIT_SECONDS;
            try {
                var answer = send(HttpRequest.newBuilder(URI.create(service + path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)));
                if (answer.statusCode() == 200) {
                    return json(answer);
                }
                if (answer.statusCode() < 500 && answer.statusCode() != 429) {
                    throw new TrafficFailed(
                            "POST %s was answered with %d: %s".formatted(path, answer.statusCode(), detail(answer)));
                }
                refused.incrementAndGet();
                wait = retryAfter(answer);
            } catch (IOException e) {
                away.incrementAndGet();
            }
            if (schedule.elapsedSeconds() + wait > plan.seconds + GRACE.toSeconds()) {
                return null;
            }
            schedule.sleep((long) (wait * 1e9));
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(REQUEST_TIMEOUT).build(), BodyHandlers.ofString());
    }

    private static double retryAfter(HttpResponse<?> answer) {
        try {
            return answer.headers()
                    .firstValue("Retry-After")
                    .map(seconds -> Math.clamp(Double.parseDouble(seconds), 0.01, LONGEST_WAIT_SECONDS))
                    .orElse(WAIT_SECONDS);
        } catch (NumberFormatException e) {
            return WAIT_SECONDS;
        }
    }

    private static JsonNode json(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (JacksonException e) {
            throw new TrafficFailed("%s answered what is no JSON: is that the service?".formatted(answer.uri()), e);
        }
    }

    private static String detail(HttpResponse<String> answer) {
        try {
            return JSON.readTree(answer.body()).path("detail").asString(answer.body());
        } catch (JacksonException e) {
            return answer.body();
        }
    }

    private synchronized String report(double seconds) {
        var text = new StringBuilder();
        int width = chosen.keySet().stream().mapToInt(String::length).reduce(3, Math::max);
        text.append(("%-" + width + "s  %10s  %10s  %8s  %11s  %11s%n")
                .formatted("ARM", "CHOSEN", "CLICKS", "RATE", "FIRST TENTH", "LAST TENTH"));
        for (var arm : chosen.entrySet()) {
            long times = LongStream.of(arm.getValue()).sum();
            long clicked = Objects.requireNonNull(clicks.get(arm.getKey()));
            text.append(String.format(
                    Locale.ROOT,
                    "%-" + width + "s  %,10d  %,10d  %6.2f %%  %9.1f %%  %9.1f %%%n",
                    arm.getKey(),
                    times,
                    clicked,
                    100.0 * clicked / times,
                    100 * share(arm.getValue(), 0),
                    100 * share(arm.getValue(), TENTHS - 1)));
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "%,d visits in %.1f s (%,.1f/s); %,d tries without an answer, %,d refused and tried again,"
                                + " %,d visits given up. Seed %d.",
                        visits.get(),
                        seconds,
                        visits.get() / Math.max(seconds, 1e-9),
                        away.get(),
                        refused.get(),
                        givenUp.get(),
                        plan.seed))
                .toString();
    }

    private double share(long[] arm, int tenth) {
        long all = chosen.values().stream().mapToLong(one -> one[tenth]).sum();
        return all == 0 ? 0 : (double) arm[tenth] / all;
    }
}
