package dev.bandit.service.testing;

import dev.bandit.service.BanditApplication;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.springframework.util.FileSystemUtils;

/**
 * The class path of the service, and an archive of the classes it loads, which halves the time of a start. The archive is made by a service
 * that is started and stopped for that, once for the classes as they are, and kept in {@code target/service-process}.
 *
 * <p>The JVM archives classes from jars only, so the module's own classes are put into one.
 */
final class ServiceProcessArchive {

    private static final Path FOLDER = Path.of("target", "service-process").toAbsolutePath();

    private static final ServiceProcessArchive INSTANCE = make();

    private final List<String> classPath;
    private final Path file;

    private ServiceProcessArchive(List<String> classPath, Path file) {
        this.classPath = classPath;
        this.file = file;
    }

    static ServiceProcessArchive get() {
        return INSTANCE;
    }

    /** Options and class path for {@code java}. */
    List<String> options() {
        return List.of(
                "-XX:SharedArchiveFile=" + file, "-Xlog:cds=off", "-cp", String.join(File.pathSeparator, classPath));
    }

    private List<String> trainingOptions(Path archive) {
        return List.of(
                "-XX:ArchiveClassesAtExit=" + archive,
                "-Xlog:cds=off",
                "-cp",
                String.join(File.pathSeparator, classPath));
    }

    private static ServiceProcessArchive make() {
        try {
            var folders = new ArrayList<Path>();
            var classPath = new ArrayList<String>();
            for (var entry : withoutTests()) {
                if (Files.isDirectory(entry)) {
                    folders.add(entry);
                } else {
                    classPath.add(entry.toString());
                }
            }
            var folder = FOLDER.resolve(state(folders, classPath));
            for (int i = 0; i < folders.size(); i++) {
                classPath.add(i, folder.resolve("classes-" + i + ".jar").toString());
            }
            var archive = new ServiceProcessArchive(classPath, folder.resolve("classes.jsa"));
            if (Files.notExists(archive.file)) {
                FileSystemUtils.deleteRecursively(FOLDER);
                Files.createDirectories(folder);
                for (int i = 0; i < folders.size(); i++) {
                    jar(folders.get(i), Path.of(classPath.get(i)));
                }
                archive.train();
            }
            return archive;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a service once; without its archive the others start all the same, only slower. */
    private void train() throws IOException {
        var unfinished = file.resolveSibling("unfinished.jsa");
        try (var service = new ServiceProcess(
                Servers.freshRedis(), Servers.freshDatabase(), trainingOptions(unfinished), List.of())) {
            service.start().stop();
        }
        if (Files.exists(unfinished)) {
            Files.move(unfinished, file);
        }
    }

    /** Changes when any class does. */
    private static String state(List<Path> folders, List<String> classPath) throws IOException {
        int hash = classPath.hashCode();
        for (var folder : folders) {
            try (var files = Files.walk(folder)) {
                for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
                    hash = 31 * hash + file.hashCode();
                    hash = 31 * hash + Files.getLastModifiedTime(file).hashCode();
                }
            }
        }
        return Integer.toHexString(hash);
    }

    private static void jar(Path folder, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var files = Files.walk(folder)) {
            for (var file : files.filter(one -> !one.equals(folder)).sorted().toList()) {
                var name = folder.relativize(file).toString().replace(File.separatorChar, '/');
                // With entries for the folders, in which Spring and Flyway look for what they scan.
                out.putNextEntry(new JarEntry(Files.isDirectory(file) ? name + "/" : name));
                if (Files.isRegularFile(file)) {
                    Files.copy(file, out);
                }
                out.closeEntry();
            }
        }
    }

    /** The module's classes and what they depend on. */
    private static List<Path> withoutTests() {
        try {
            var tests = Path.of(ServiceProcess.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            // The first is what Surefire and Failsafe hide behind a jar that has only a manifest.
            var all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            return Arrays.stream(all.split(File.pathSeparator))
                    .filter(entry -> !entry.isEmpty())
                    .map(entry -> Path.of(entry).toAbsolutePath())
                    .filter(entry -> !entry.equals(tests) && Files.exists(entry))
                    .toList();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("No class path without " + BanditApplication.class, e);
        }
    }
}
