package dev.bandit.pipeline.pipes;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Where messages go, one a line. */
sealed interface Channel {

    void write(String message);

    default void end() {}

    record ToFile(Path file) implements Channel {

        @Override
        public void write(String message) {
            try {
                Files.writeString(file, message + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new CommandFailed("Dagster cannot be told at %s: %s".formatted(file, e), e);
            }
        }
    }

    record ToStream(PrintStream stream) implements Channel {

        @Override
        public void write(String message) {
            stream.println(message);
            stream.flush();
        }
    }

    /** All at the end, so that nothing else comes between. */
    record Held(PrintStream stream, List<String> messages) implements Channel {

        Held(PrintStream stream) {
            this(stream, new ArrayList<>());
        }

        @Override
        public void write(String message) {
            messages.add(message);
        }

        @Override
        public void end() {
            messages.forEach(stream::println);
            stream.flush();
        }
    }
}
