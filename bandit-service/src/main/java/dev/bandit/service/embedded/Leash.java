package dev.bandit.service.embedded;

import dev.bandit.service.startup.StartupProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server process that lives no longer than this JVM. It is started by a small shell (the resource {@code leash.sh}) that
 * holds the read end of a pipe; the write end is held by this JVM alone. When the pipe closes, because {@link #stop} was
 * called or because this JVM ended in whatever way, the shell shuts its server down and waits for it.
 *
 * <p>The file {@code leash} in the server's folder names both processes with their start times. It is written before the
 * shell is told to go on, so a later start always finds a server of an earlier run that is still on its way out.
 */
final class Leash {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(Leash.class);
    private static final String SCRIPT = script();
    private static final String FILE = "leash";

    private final String name;
    private final Process shell;
    private final ProcessHandle server;
    private final Path logFile;
    private volatile boolean ending;

    private Leash(String name, Process shell, ProcessHandle server, Path logFile) {
        this.name = name;
        this.shell = shell;
        this.server = server;
        this.logFile = logFile;
    }

    /**
     * Starts {@code command} in {@code folder}, its output appended to {@code <folder>/log}.
     *
     * @param name what messages call the server
     * @param signal the signal that shuts the server down cleanly, as {@code kill -s} wants it
     * @throws StartupProblem when a server of an earlier run does not end within {@link #PATIENCE}
     */
    static Leash start(String name, String signal, Path folder, List<String> command) {
        awaitPrevious(name, folder);
        try {
            var logFile = folder.resolve("log");
            if (Files.exists(logFile)) {
                Files.move(logFile, folder.resolve("log.previous"), StandardCopyOption.REPLACE_EXISTING);
            }
            Files.createFile(logFile);
            var arguments = new ArrayList<String>();
            // A session of its own keeps the terminal's Ctrl-C away: the service has to end first, then its servers.
            onPath("setsid").ifPresent(setsid -> arguments.add(setsid.toString()));
            arguments.addAll(List.of("/bin/sh", "-c", SCRIPT, "leash", signal, logFile.toString()));
            arguments.addAll(command);
            var shell = new ProcessBuilder(arguments)
                    .directory(folder.toFile())
                    .redirectError(Redirect.appendTo(logFile.toFile()))
                    .start();
            remember(folder, shell.toHandle());
            var go = shell.outputWriter(StandardCharsets.US_ASCII);
            go.write("go\n");
            go.flush();
            var pid = shell.inputReader(StandardCharsets.US_ASCII).readLine();
            if (pid == null) {
                throw new StartupProblem("%s could not be started; see %s.".formatted(name, logFile));
            }
            // A server that has already ended again has no handle; its shell ends too, so that handle tells the same.
            var server = ProcessHandle.of(Long.parseLong(pid)).orElse(shell.toHandle());
            remember(folder, shell.toHandle(), server);
            return new Leash(name, shell, server, logFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isAlive() {
        return shell.isAlive() && server.isAlive();
    }

    long pid() {
        return server.pid();
    }

    /** The end of what the server wrote, for messages. */
    String lastWords() {
        try {
            var lines = Files.readString(logFile, StandardCharsets.UTF_8)
                    .strip()
                    .lines()
                    .toList();
            return lines.isEmpty() ? "it wrote nothing" : lines.getLast().strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean said(String words) {
        try {
            return Files.readString(logFile, StandardCharsets.UTF_8).contains(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path logFile() {
        return logFile;
    }

    /** From now on an end that was not asked for is logged. */
    void watch() {
        shell.onExit().thenRun(() -> {
            if (!ending) {
                log.error("{} has ended by itself: {} (see {}); restart the service", name, lastWords(), logFile);
            }
        });
    }

    /** Shuts the server down cleanly and waits for it; one that takes longer than {@link #PATIENCE} is killed. */
    void stop() {
        ending = true;
        try {
            shell.getOutputStream().close();
        } catch (IOException e) {
            log.debug("The leash of {} was already gone", name, e);
        }
        if (!awaitEnd()) {
            log.warn("{} did not shut down within {} s and is killed", name, PATIENCE.toSeconds());
            kill();
        }
    }

    /** Ends the server as a crash would. */
    void kill() {
        ending = true;
        server.destroyForcibly();
        awaitEnd();
    }

    private boolean awaitEnd() {
        try {
            return shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private static void awaitPrevious(String name, Path folder) {
        var waiting = false;
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Optional<ProcessHandle> left = previous(folder); left.isPresent(); left = previous(folder)) {
            if (!waiting) {
                log.info("Waiting for the {} of the previous run to shut down", name);
                waiting = true;
            }
            if (System.nanoTime() > deadline) {
                throw new StartupProblem("The %s of an earlier run (process %d) still uses %s; end it and start again."
                        .formatted(name, left.get().pid(), folder));
            }
            Pause.briefly();
        }
    }

    /** A process named in the leash file that still runs. */
    private static Optional<ProcessHandle> previous(Path folder) {
        var file = folder.resolve(FILE);
        try {
            if (Files.notExists(file)) {
                return Optional.empty();
            }
            return Files.readAllLines(file).stream()
                    .map(line -> line.split(" "))
                    .filter(fields -> fields.length == 2)
                    .flatMap(fields -> stillRunning(Long.parseLong(fields[0]), Long.parseLong(fields[1])).stream())
                    .findFirst();
        } catch (IOException | NumberFormatException e) {
            throw new StartupProblem("%s is damaged; delete it once no server uses its folder.".formatted(file), e);
        }
    }

    /** The start time tells a process from a later one that was given the same number; the clock's step is forgiven. */
    private static Optional<ProcessHandle> stillRunning(long pid, long started) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(handle -> handle.info()
                        .startInstant()
                        .map(start -> Math.abs(start.toEpochMilli() - started) < 2_000)
                        .orElse(false));
    }

    private static void remember(Path folder, ProcessHandle... processes) throws IOException {
        var lines = new ArrayList<String>();
        for (var process : processes) {
            process.info().startInstant().ifPresent(start -> lines.add(process.pid() + " " + start.toEpochMilli()));
        }
        var fresh = folder.resolve(FILE + ".new");
        Files.write(fresh, lines);
        Files.move(fresh, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static Optional<Path> onPath(String program) {
        for (var folder : System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(":")) {
            var candidate = Path.of(folder, program);
            if (Files.isExecutable(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static String script() {
        try (var script = Leash.class.getResourceAsStream("leash.sh")) {
            if (script == null) {
                throw new IllegalStateException("leash.sh is missing beside " + Leash.class.getName());
            }
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
