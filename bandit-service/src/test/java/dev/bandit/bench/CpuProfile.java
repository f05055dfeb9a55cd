package dev.bandit.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** Samples of processor time in a recording of the JVM, by the layer that spent it. */
final class CpuProfile {

    /** Settings that record nothing but {@code jdk.CPUTimeSample}, a sample every millisecond of processor time. */
    static final String SETTINGS = """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="jdk.CPUTimeSample"><setting name="enabled">true</setting><setting name="throttle">1ms</setting><setting name="stackTrace">true</setting></event>
            </configuration>
            """;

    /** The first that matches the innermost frame that any matches says whose time it was. */
    private static final Map<String, String> LAYERS = new LinkedHashMap<>();

    static {
        LAYERS.put("dev.bandit.service.decision.HmacSha256", "decision id: HMAC");
        LAYERS.put("dev.bandit.service.decision.DecisionId", "decision id: other");
        LAYERS.put("dev.bandit.service.decision.Serving", "copy of the posteriors, propensities");
        LAYERS.put("dev.bandit.core", "copy of the posteriors, propensities");
        LAYERS.put("dev.bandit.service.decision.SelectEndpoints", "select: endpoint");
        LAYERS.put("dev.bandit.service.decision.Selector", "select: selector");
        LAYERS.put("dev.bandit.service.decision", "group commit, delivery");
        LAYERS.put("dev.bandit.service.reward", "reward");
        LAYERS.put("dev.bandit.service.store.GroupCommit", "group commit, delivery");
        LAYERS.put("dev.bandit.service.posterior", "fenced store");
        LAYERS.put("dev.bandit.service.store", "fenced store");
        LAYERS.put("dev.bandit.service.ledger", "relay");
        LAYERS.put("org.postgresql", "relay");
        LAYERS.put("com.zaxxer", "relay");
        LAYERS.put("dev.bandit.service.web", "filters of ours");
        LAYERS.put("dev.bandit", "other of ours");
        LAYERS.put("io.lettuce", "Lettuce and Netty");
        LAYERS.put("io.netty", "Lettuce and Netty");
        LAYERS.put("tools.jackson", "JSON");
        LAYERS.put("org.springframework.http.converter", "JSON");
        LAYERS.put("io.micrometer", "metrics of requests");
        LAYERS.put("org.springframework.http.server.observation", "metrics of requests");
        LAYERS.put("org.springframework.web.filter.ServerHttpObservationFilter", "metrics of requests");
        LAYERS.put("org.HdrHistogram", "metrics of requests");
        LAYERS.put("org.springframework", "Spring MVC");
        LAYERS.put("org.apache.tomcat.util.net", "Tomcat: sockets and poller");
        LAYERS.put("org.apache.catalina", "Tomcat: HTTP and pipeline");
        LAYERS.put("org.apache.coyote", "Tomcat: HTTP and pipeline");
        LAYERS.put("org.apache", "Tomcat: HTTP and pipeline");
        LAYERS.put("java.util.concurrent.ForkJoin", "virtual threads: schedule, park, wake");
        LAYERS.put("java.lang.VirtualThread", "virtual threads: schedule, park, wake");
        LAYERS.put("java.util.concurrent.CompletableFuture", "virtual threads: schedule, park, wake");
    }

    private final Map<String, Long> layers = new HashMap<>();
    private final Map<String, Long> methods = new HashMap<>();
    private final Map<String, Long> entries = new HashMap<>();
    private long samples;

    CpuProfile(Path recording) throws IOException {
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.CPUTimeSample")) {
                    add(event);
                }
            }
        }
    }

    private void add(RecordedEvent event) {
        samples++;
        if (event.getStackTrace() == null || event.getStackTrace().getFrames().isEmpty()) {
            layers.merge("no stack", 1L, Long::sum);
            return;
        }
        List<RecordedFrame> frames = event.getStackTrace().getFrames();
        RecordedFrame leaf = frames.getFirst();
        methods.merge(name(leaf), 1L, Long::sum);
        for (RecordedFrame frame : frames) {
            String type = frame.getMethod().getType().getName();
            for (var layer : LAYERS.entrySet()) {
                if (type.startsWith(layer.getKey())) {
                    layers.merge(layer.getValue(), 1L, Long::sum);
                    entries.merge(layer.getValue() + ": " + name(frame) + " <- " + name(leaf), 1L, Long::sum);
                    return;
                }
            }
        }
        layers.merge("other", 1L, Long::sum);
        entries.merge("other: " + name(frames.getLast()) + " <- " + name(leaf), 1L, Long::sum);
    }

    private static String name(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        return type.substring(type.lastIndexOf('.') + 1) + "."
                + frame.getMethod().getName();
    }

    /** @param microsPerRequest what all samples together stand for */
    String table(double microsPerRequest, int details) {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%d samples%n", samples));
        top(text, layers, microsPerRequest, 40);
        if (details > 0) {
            text.append("by frame and leaf\n");
            top(text, entries, microsPerRequest, details);
            text.append("by leaf\n");
            top(text, methods, microsPerRequest, details);
        }
        return text.toString();
    }

    private void top(StringBuilder text, Map<String, Long> counts, double micros, int limit) {
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(limit)
                .forEach(entry -> text.append(String.format(
                        Locale.ROOT,
                        "  %5.1f %%  %6.2f us  %s%n",
                        100.0 * entry.getValue() / samples,
                        micros * entry.getValue() / samples,
                        entry.getKey())));
    }
}
