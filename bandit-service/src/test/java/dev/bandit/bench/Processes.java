package dev.bandit.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Processor time of processes, as Linux counts it. */
final class Processes {

    private static final double TICKS_PER_SECOND = 100;

    private Processes() {}

    /** User and system time of all threads the process ever had, in seconds. */
    static double cpuSeconds(long pid) {
        String stat = read(Path.of("/proc", Long.toString(pid), "stat"));
        // The second field, a name in parentheses, may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** The same without the time that the JVM's compilers took: they have their say in the warm-up, and stop mattering in an hour. */
    static double cpuSecondsWithoutCompilers(long pid) {
        double compilers = 0;
        for (var thread : cpuByThread(pid).entrySet()) {
            if (thread.getKey().matches("C[12] Compiler.*|Sweeper.*")) {
                compilers += thread.getValue();
            }
        }
        return cpuSeconds(pid) - compilers;
    }

    /** Of the process's present children and itself: PostgreSQL has a process for each connection. */
    static double cpuSecondsOfFamily(long pid) {
        return cpuSeconds(pid)
                + ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::children)
                        .mapToDouble(child -> cpuSeconds(child.pid()))
                        .sum();
    }

    /** Memory of the process that is not swapped out. */
    static long residentBytes(long pid) {
        String line = read(Path.of("/proc", Long.toString(pid), "status"))
                .lines()
                .filter(field -> field.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }

    /** Time of its present threads in seconds, by the start of their names. */
    static Map<String, Double> cpuByThread(long pid) {
        Map<String, Double> seconds = new TreeMap<>();
        try (var threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path thread : (Iterable<Path>) threads::iterator) {
                try {
                    String name = read(thread.resolve("comm")).strip().replaceAll("[-#\\d]+$", "");
                    double nanos =
                            Double.parseDouble(read(thread.resolve("schedstat")).split(" ")[0]);
                    seconds.merge(name, nanos / 1e9, Double::sum);
                } catch (UncheckedIOException e) {
                    // It has just ended.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return seconds;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
