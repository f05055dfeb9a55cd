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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL over one folder: its cluster, password and last port live there and survive restarts. It may be stopped,
 * killed and started again any number of times, and keeps its port as long as nobody else has taken it.
 *
 * <p>PostgreSQL refuses to run as root, so root runs it in a user namespace of its own ({@code unshare -U}).
 *
 * <p>Not safe for use by several threads at once.
 */
public final class PostgresServer implements AutoCloseable {

    /** The database made with the cluster, and the superuser that owns it. */
    public static final String DATABASE = "bandit";

    public static final String USERNAME = "bandit";

    private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);
    private static final String NAME = "PostgreSQL";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PORT_ATTEMPTS = 5;
    /** postmaster.pid: the process number on the first line, the state on the eighth. */
    private static final int PID_LINE = 0;

    private static final int STATE_LINE = 7;

    private final Path home;
    private final Path folder;
    private final List<String> settings;
    private int port;
    private @Nullable String password;
    private @Nullable Leash leash;

    /**
     * @param home the installation, with {@code bin/postgres} and {@code bin/initdb}
     * @param folder where its cluster, password and log are; made when missing
     * @param settings server settings as {@code name=value}, on top of those that every embedded server has
     */
    public PostgresServer(Path home, Path folder, List<String> settings) {
        this.home = home.toAbsolutePath();
        this.folder = folder.toAbsolutePath();
        this.settings = List.copyOf(settings);
    }

    /**
     * Starts the server, with a new cluster on first use, and returns once it takes connections.
     *
     * @throws StartupProblem when it cannot be started
     */
    public PostgresServer start() {
        if (isRunning()) {
            throw new IllegalStateException("PostgreSQL over " + folder + " is running already");
        }
        try {
            PrivateFiles.createFolders(folder);
            password = PrivateFiles.secret(folder.resolve("password"));
            if (Files.notExists(data())) {
                createCluster();
            }
            checkVersion();
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

    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    public String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, database);
    }

    public String password() {
        if (password == null) {
            throw new IllegalStateException("PostgreSQL over " + folder + " was never started");
        }
        return password;
    }

    public int port() {
        return port;
    }

    /** The process number of the postmaster. */
    public long pid() {
        if (leash == null) {
            throw new IllegalStateException("PostgreSQL over " + folder + " is not running");
        }
        return leash.pid();
    }

    public Path folder() {
        return folder;
    }

    public boolean isRunning() {
        return leash != null && leash.isAlive();
    }

    /** A fast shutdown: connections are cut, everything committed is on disk. */
    public void stop() {
        if (leash != null) {
            leash.stop();
            leash = null;
        }
    }

    /** Ends the postmaster as a crash would (SIGKILL); its children notice and end too. */
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

    private Path data() {
        return folder.resolve("data");
    }

    /** Makes the cluster beside its place and renames it, so a crash half-way leaves nothing that looks finished. */
    private void createCluster() throws IOException {
        log.info("Creating a PostgreSQL cluster in {}", folder);
        var unfinished = folder.resolve("data.new");
        FileSystemUtils.deleteRecursively(unfinished);
        run(
                "",
                home.resolve("bin/initdb").toString(),
                "--pgdata=" + unfinished,
                "--username=" + USERNAME,
                "--pwfile=" + folder.resolve("password"),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8");
        run(
                "CREATE DATABASE %s;%n".formatted(DATABASE),
                home.resolve("bin/postgres").toString(),
                "--single",
                "-D",
                unfinished.toString(),
                "postgres");
        Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
    }

    private void checkVersion() throws IOException {
        var written = Files.readString(data().resolve("PG_VERSION")).strip();
        var installed = home.getFileName().toString().replaceFirst("^postgres-(\\d+).*", "$1");
        if (!written.equals(installed)) {
            throw new StartupProblem(
                    "%s was written by PostgreSQL %s and this is PostgreSQL %s; dump and reload it, or delete it."
                            .formatted(data(), written, installed));
        }
    }

    /** Whether it is up; false when the port was taken and another may be tried. */
    private boolean started(boolean lastAttempt) throws IOException {
        leash = Leash.start(NAME, "INT", folder, command());
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            if (!leash.isAlive()) {
                if (!lastAttempt && leash.said("Address already in use")) {
                    return false;
                }
                throw new StartupProblem(
                        "PostgreSQL did not start: %s (see %s).".formatted(leash.lastWords(), leash.logFile()));
            }
            if (isReady(leash.pid())) {
                leash.watch();
                log.debug("PostgreSQL takes connections on port {}", port);
                return true;
            }
            if (System.nanoTime() > deadline) {
                kill();
                throw new StartupProblem("PostgreSQL took no connections within %d s (see %s)."
                        .formatted(PATIENCE.toSeconds(), folder.resolve("log")));
            }
            Pause.briefly();
        }
    }

    /** What pg_ctl looks at too. */
    private boolean isReady(long pid) throws IOException {
        var file = data().resolve("postmaster.pid");
        if (Files.notExists(file)) {
            return false;
        }
        var lines = Files.readAllLines(file);
        return lines.size() > STATE_LINE
                && lines.get(PID_LINE).strip().equals(Long.toString(pid))
                && lines.get(STATE_LINE).strip().equals("ready");
    }

    private List<String> command() {
        var command = asOrdinaryUser();
        command.add(home.resolve("bin/postgres").toString());
        command.add("-D");
        command.add(data().toString());
        var all = new ArrayList<>(List.of(
                "port=" + port,
                "listen_addresses=127.0.0.1",
                "unix_socket_directories=",
                "log_timezone=UTC",
                "timezone=UTC",
                "max_wal_size=512MB",
                "jit=off"));
        all.addAll(settings);
        for (var setting : all) {
            command.add("-c");
            command.add(setting);
        }
        return command;
    }

    private static List<String> asOrdinaryUser() {
        var prefix = new ArrayList<String>();
        if (System.getProperty("user.name").equals("root")) {
            var unshare = Leash.onPath("unshare")
                    .orElseThrow(() -> new StartupProblem(
                            "PostgreSQL does not run as root, and `unshare` is missing here: run as another user."));
            prefix.add(unshare.toString());
            prefix.add("-U");
        }
        return prefix;
    }

    private void run(String input, String... command) throws IOException {
        var all = asOrdinaryUser();
        all.addAll(List.of(command));
        var logFile = folder.resolve("log.initdb");
        var process = new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(logFile.toFile()))
                .start();
        try (var writer = process.outputWriter(StandardCharsets.US_ASCII)) {
            writer.write(input);
        }
        try {
            if (process.waitFor() != 0) {
                var said = Files.readString(logFile).strip().lines().toList();
                var last = said.isEmpty() ? "it wrote nothing" : said.getLast();
                throw new StartupProblem(
                        last.startsWith("unshare:")
                                ? "PostgreSQL does not run as root, and may not be given another identity here (%s): run as another user."
                                        .formatted(last)
                                : "PostgreSQL could not create its cluster: %s (see %s).".formatted(last, logFile));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new StartupProblem("Interrupted while PostgreSQL created its cluster.", e);
        }
    }
}
