package dev.bandit.pipeline.engine;

import dev.bandit.cli.CommandFailed;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** One task a part. Of Spark this uses what all its versions since 3 have alike. */
final class Spark implements Engine {

    private static final String MASTER = "spark.master";

    /** Where executors come and go, nobody knows how many there will be. */
    private static final int MANY = 64;

    private final JavaSparkContext context;

    private Spark(JavaSparkContext context) {
        this.context = context;
    }

    static Spark open(String master) {
        SparkConf settings = new SparkConf().setAppName("bandit");
        if (!settings.contains(MASTER)) {
            settings.setMaster(master);
        }
        // The one that knows records, whatever is configured.
        settings.set("spark.serializer", "org.apache.spark.serializer.JavaSerializer");
        // Executors open the store by themselves, but have no files of the driver's. Spark shows no value of a setting
        // whose
        // name has "secret" or "token" in it.
        System.getenv().forEach((name, value) -> {
            if (name.startsWith("AWS_") && !name.endsWith("_FILE") && !name.endsWith("PROFILE")) {
                settings.setExecutorEnv(name, value);
            }
        });
        // It would show the command line too, in which there may be a password.
        System.clearProperty("sun.java.command");
        try {
            return new Spark(new JavaSparkContext(settings));
        } catch (Exception e) {
            // Spark's Scala throws what it does not declare, SparkException among others.
            throw new CommandFailed("Spark at %s could not be started: %s".formatted(settings.get(MASTER), e), e);
        }
    }

    @Override
    public int workers() {
        return context.isLocal() ? context.defaultParallelism() : Math.max(MANY, context.defaultParallelism());
    }

    @Override
    public <P extends Serializable, R extends Serializable> List<R> map(List<P> parts, Work<P, R> work) {
        if (parts.isEmpty()) {
            return List.of();
        }
        List<Outcome<R>> outcomes;
        try {
            outcomes = context.parallelize(parts, parts.size())
                    .map(part -> Outcome.of(work, part))
                    .collect();
        } catch (Exception e) {
            throw new CommandFailed("Spark gave up: " + why(e), e);
        }
        List<R> results = new ArrayList<>();
        for (Outcome<R> outcome : outcomes) {
            if (outcome.failure() != null) {
                throw outcome.failure();
            }
            results.add(Objects.requireNonNull(outcome.result()));
        }
        return results;
    }

    /** What the last try of a part said, if it was one of ours. */
    private static String why(Exception e) {
        String first = Objects.requireNonNullElse(e.getMessage(), e.toString())
                .lines()
                .findFirst()
                .orElse("");
        String ours = CommandFailed.class.getName() + ": ";
        return first.contains(ours) ? first.substring(first.lastIndexOf(ours) + ours.length()) : first;
    }

    /** What trying again would not mend comes back as a result: a failure that nothing else has caused. */
    private record Outcome<R extends Serializable>(
            @Nullable R result, @Nullable CommandFailed failure) implements Serializable {

        static <P, R extends Serializable> Outcome<R> of(Work<P, R> work, P part) throws Exception {
            try {
                return new Outcome<>(work.on(part), null);
            } catch (CommandFailed e) {
                if (e.getCause() != null) {
                    throw e;
                }
                return new Outcome<>(null, e);
            }
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
