package dev.bandit.pipeline.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line as a process of its own. */
public final class Child {

    private Child() {}

    /** @param output where what it prints goes */
    public static Process start(Path output, Map<String, String> environment, Object... args) throws IOException {
        return start(List.of(), output, environment, args);
    }

    /** @param before what the command stands behind, a shell that sets limits for instance */
    public static Process start(List<String> before, Path output, Map<String, String> environment, Object... args)
            throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.bandit.pipeline.Pipeline"));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }
}
