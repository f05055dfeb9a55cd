package dev.bandit.service.embedded;

import dev.bandit.service.startup.StartupProblem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A redis-server over one folder: its append-only file, password and last port live there and survive restarts. It may be
 * stopped, killed and started again any number of times, and keeps its port as long as nobody else has taken it.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class RedisServer implements AutoCloseable {

    /** When the append-only file is forced to disk. */
    public enum Fsync {
        /** Before every answer: an acknowledged write survives a power cut. */
        ALWAYS,
        /** Once a second: a power cut may cost the last second. */
        EVERYSEC,
        /** When the operating system likes to. */
        NO
    }

    private static final Logger log = LoggerFactory.getLogger(RedisServer.class);
    private static final String NAME = "redis-server";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PORT_ATTEMPTS = 5;
    private static final int PING_TIMEOUT_MILLIS = 1_000;

    private final Path program;
    private final Path folder;
    private final Fsync fsync;
    private int port;
    private @Nullable String password;
    private @Nullable Leash leash;

    /**
     * @param program the redis-server executable, 6.2 or later
     * @param folder where its data, configuration and log are; made when missing
     */
    public RedisServer(Path program, Path folder, Fsync fsync) {
        this.program = program.toAbsolutePath();
        this.folder = folder.toAbsolutePath();
        this.fsync = fsync;
    }

    /**
     * Starts the server and returns once it answers.
     *
     * @throws StartupProblem when it cannot be started
     */
    public RedisServer start() {
        if (isRunning()) {
            throw new IllegalStateException("Redis over " + folder + " is running already");
        }
        try {
            PrivateFiles.createFolders(folder);
            password = PrivateFiles.secret(folder.resolve("password"));
            var portFile = folder.resolve("port");
            port = Ports.preferred(portFile);
            for (int attempt = 1; !started(attempt == PORT_ATTEMPTS); attempt++) {
                port = Ports.free();
            }
            PrivateFiles.write(portFile, Integer.toString(port));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code redis://:password@127.0.0.1:port}, without a database number. */
    public String url() {
        if (password == null) {
            throw new IllegalStateException("Redis over " + folder + " was never started");
        }
        return "redis://:%s@127.0.0.1:%d".formatted(password, port);
    }

    public int port() {
        return port;
    }

    /** The process number of the server itself. */
    public long pid() {
        if (leash == null) {
            throw new IllegalStateException("Redis over " + folder + " is not running");
        }
        return leash.pid();
    }

    /** Where the append-only file is. */
    public Path folder() {
        return folder;
    }

    public boolean isRunning() {
        return leash != null && leash.isAlive();
    }

    /** Shuts down cleanly: everything acknowledged is on disk afterwards. */
    public void stop() {
        if (leash != null) {
            leash.stop();
            leash = null;
        }
    }

    /** Ends the process as a crash would (SIGKILL). */
    public void kill() {
        if (leash != null) {
            leash.kill();
            leash = null;
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Whether it is up; false when the port was taken and another may be tried. */
    private boolean started(boolean lastAttempt) throws IOException {
        var configuration = folder.resolve("redis.conf");
        PrivateFiles.write(configuration, configuration());
        leash = Leash.start(NAME, "TERM", folder, List.of(program.toString(), configuration.toString()));
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            if (!leash.isAlive()) {
                if (!lastAttempt && leash.said("Address already in use")) {
                    return false;
                }
                throw new StartupProblem(
                        "redis-server did not start: %s (see %s).".formatted(leash.lastWords(), leash.logFile()));
            }
            var answer = ping();
            if (answer.startsWith("+PONG")) {
                leash.watch();
                log.debug("redis-server answers on port {}", port);
                return true;
            }
            // A long append-only file takes its time; anything else that long is a fault.
            if (!answer.startsWith("-LOADING") && System.nanoTime() > deadline) {
                kill();
                throw new StartupProblem("redis-server did not answer on port %d within %d s (see %s)."
                        .formatted(port, PATIENCE.toSeconds(), folder.resolve("log")));
            }
            Pause.briefly();
        }
    }

    private String configuration() {
        return """
                bind 127.0.0.1
                protected-mode yes
                port %d
                requirepass %s
                databases 1024
                daemonize no
                save ""
                appendonly yes
                appendfsync %s
                aof-use-rdb-preamble yes
                auto-aof-rewrite-min-size 256mb
                maxmemory-policy noeviction
                """.formatted(port, password, fsync.name().toLowerCase(Locale.ROOT));
    }

    /** The first line of the answer to PING, empty as long as nobody listens. */
    private String ping() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PING_TIMEOUT_MILLIS);
            socket.setSoTimeout(PING_TIMEOUT_MILLIS);
            socket.getOutputStream()
                    .write("AUTH %s\r\nPING\r\n".formatted(password).getBytes(StandardCharsets.US_ASCII));
            var answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            answers.readLine();
            return Objects.requireNonNullElse(answers.readLine(), "");
        } catch (IOException e) {
            return "";
        }
    }
}
