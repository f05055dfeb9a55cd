package dev.bandit.pipeline.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program that a test starts and ends, with all that it has started; it ends with this JVM too, however that ends. */
public final class StartedProgram implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    /** Its arguments are the command; it ends the command when its standard input does, which only this JVM holds open. */
    private static final String LEASH = """
            "$@" </dev/null & program=$!
            exec 3<&0
            (read -r _ <&3; kill -s TERM $program) & watcher=$!
            wait $program
            status=$?
            kill -s KILL $watcher
            exit $status
            """;

    private final Process process;
    private final Path output;

    private StartedProgram(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** @param output where it writes, both streams */
    public static StartedProgram start(Path output, Map<String, String> environment, List<String> command) {
        List<String> all = new ArrayList<>(List.of("/bin/sh", "-c", LEASH, "leash"));
        all.addAll(command);
        ProcessBuilder builder =
                new ProcessBuilder(all).redirectErrorStream(true).redirectOutput(Redirect.to(output.toFile()));
        builder.environment().putAll(environment);
        try {
            return new StartedProgram(builder.start(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it has written this. */
    public Matcher await(Pattern wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Matcher found = wanted.matcher(output());
            if (found.find()) {
                return found;
            }
            if (!process.isAlive() || System.nanoTime() > deadline) {
                throw new AssertionError(wanted + " was not written:\n" + output());
            }
            pause();
        }
    }

    public String output() {
        try {
            return Files.exists(output) ? Files.readString(output) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it as a machine ends that dies, with all that it has started. */
    public void kill() {
        List<ProcessHandle> started = process.descendants().toList();
        process.destroyForcibly();
        started.forEach(ProcessHandle::destroyForcibly);
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> started = process.descendants().toList();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("It did not end within " + PATIENCE + ":\n" + output());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            started.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
