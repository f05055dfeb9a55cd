package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A fresh directory, the journals that a test opens in it, and what they log. */
abstract class JournalFixture {

    static final long PLENTY = 1L << 30;

    Path directory;

    final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    final List<Journal> opened = new ArrayList<>();

    @BeforeEach
    void listen(@TempDir Path temporary) {
        directory = temporary;
        logged.start();
        ((Logger) LoggerFactory.getLogger(Journal.class)).addAppender(logged);
    }

    @AfterEach
    void close() throws IOException {
        ((Logger) LoggerFactory.getLogger(Journal.class)).detachAppender(logged);
        for (Journal journal : opened) {
            journal.close();
        }
    }

    Journal open() throws IOException {
        return open(directory, PLENTY);
    }

    Journal open(Path path, long maxBytes) throws IOException {
        Journal journal = Journal.open(path, maxBytes);
        opened.add(journal);
        return journal;
    }

    /** A directory as a dead process leaves it, with that one segment. */
    Path withSegment(String name, byte[] bytes) throws IOException {
        Path other = directory.resolve(name);
        Files.write(Files.createDirectories(other.resolve("journal-0")).resolve("0000000000000001-00000000"), bytes);
        return other;
    }

    static void append(StreamJournal stream, String... records) throws IOException {
        for (String record : records) {
            if (!stream.append(record.getBytes(UTF_8))) {
                throw new IllegalStateException("full");
            }
        }
    }

    /** Delivers everything, a few records at a time. */
    static List<String> drain(StreamJournal stream) {
        List<String> all = new ArrayList<>();
        for (List<byte[]> some = stream.read(3); !some.isEmpty(); some = stream.read(3)) {
            all.addAll(texts(some));
            stream.delivered();
        }
        return all;
    }

    static List<String> texts(List<byte[]> records) {
        return records.stream().map(record -> new String(record, UTF_8)).toList();
    }

    /** What is left from before, of all streams. */
    static List<String> drainLeft(Journal journal) {
        return journal.left().stream().flatMap(stream -> drain(stream).stream()).toList();
    }

    List<Path> files(String slot) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(slot))) {
            return files.filter(file -> !file.endsWith("lock")).sorted().toList();
        }
    }

    List<String> warnings() {
        return logged.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
