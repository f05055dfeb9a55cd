package dev.bandit.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ceiling of whoever calls the script once a reward: {@code redis-benchmark} with the script and a new name a call. */
final class OneRewardScripts {

    /** {@code "name","rps","avg_latency_ms", …}; the name is the command. */
    private static final Pattern RATE = Pattern.compile("\",\"([0-9.]+)\",\"[0-9.]+\"");

    private static final String PREFIX = "experiment:{bare}:";
    private static final List<String> KEYS = List.of(
            "epoch",
            "version",
            "counts",
            "outbox",
            "named:2",
            "named:1",
            "named:3",
            "arm:arm-1:alpha",
            "arm:arm-1:beta");

    private final Stack stack;
    private final int connections;
    private final int pipelined;

    /** @param pipelined calls a connection sends before it reads their answers */
    OneRewardScripts(Stack stack, int connections, int pipelined) {
        this.stack = stack;
        this.connections = connections;
        this.pipelined = pipelined;
    }

    /** Rewards a second, on an experiment of its own; each has an event to put in the outbox. */
    double run(int rewards) throws IOException, InterruptedException {
        var redis = stack.commands();
        redis.del(PREFIX + "outbox");
        redis.set(PREFIX + "epoch", "1");
        redis.set(PREFIX + "version", "1");
        redis.setnx(PREFIX + "arm:arm-1:alpha", "1");
        redis.setnx(PREFIX + "arm:arm-1:beta", "1");
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("bench.redis-benchmark", "redis-benchmark"),
                "-p",
                Integer.toString(stack.redis().port()),
                "-a",
                stack.redis().url().replaceFirst("redis://:([^@]*)@.*", "$1"),
                "-c",
                Integer.toString(connections),
                "-P",
                Integer.toString(pipelined),
                "-n",
                Integer.toString(rewards),
                "-r",
                "1000000000",
                "--csv",
                "evalsha",
                redis.scriptLoad(script()),
                Integer.toString(KEYS.size())));
        KEYS.forEach(key -> command.add(PREFIX + key));
        command.addAll(List.of("1", "1", "explicit", "5187600", "1", "arm-1", "0", "1", "n", "1", "0"));
        command.addAll(List.of("1", "__rand_int__", "1000000", "__rand_int__" + "x".repeat(44)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), US_ASCII);
        process.waitFor();
        Matcher rate = RATE.matcher(said);
        if (!rate.find() || redis.xlen(PREFIX + "outbox") < 0.99 * rewards) {
            throw new IllegalStateException(said);
        }
        return Double.parseDouble(rate.group(1));
    }

    private static String script() throws IOException {
        try (InputStream in = OneRewardScripts.class.getResourceAsStream("/lua/reward.lua")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), US_ASCII);
        }
    }
}
