package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.jspecify.annotations.Nullable;
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
        return open(directory, PLENTY, Journal.SEGMENT_BYTES);
    }

    Journal open(Path path, long maxBytes, long segmentBytes) throws IOException {
        Journal journal = Journal.open(path, maxBytes, segmentBytes);
        opened.add(journal);
        return journal;
    }

    Path withSegment(String name, byte[] bytes) throws IOException {
        Path other = directory.resolve(name);
        Files.write(Files.createDirectories(other.resolve("journal-0")).resolve("segment-000000000000000000"), bytes);
        return other;
    }

    List<Path> segments(String slot) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(slot))) {
            return files.filter(file -> file.getFileName().toString().startsWith("segment-"))
                    .sorted()
                    .toList();
        }
    }

    List<String> slots() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    List<String> warnings() {
        return logged.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    static void append(Journal journal, String... records) {
        for (String record : records) {
            assertThat(journal.append(record.getBytes(UTF_8))).isTrue();
        }
    }

    static List<String> drain(Journal journal) {
        List<String> records = new ArrayList<>();
        for (byte[] record = journal.peek(); record != null; record = journal.peek()) {
            records.add(text(record));
            journal.remove();
        }
        return records;
    }

    static String text(byte @Nullable [] record) {
        assertThat(record).isNotNull();
        return new String(record, UTF_8);
    }
}
