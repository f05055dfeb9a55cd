package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A process that uses a journal until it is killed, and says on standard output what it was promised and what it
 * delivered: {@code <mode> <directory> <threads>}. See {@link JournalProcessTest}.
 */
final class JournalChild {

    private static final long SEGMENT_BYTES = 16 * 1024;

    private JournalChild() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[1]);
        int threads = Integer.parseInt(args[2]);
        switch (args[0]) {
            case "append" -> append(Journal.open(directory, 1L << 30, SEGMENT_BYTES), threads);
            case "append-and-drain" -> {
                Journal journal = Journal.open(directory, 1L << 30, SEGMENT_BYTES);
                append(journal, threads);
                drain(journal);
            }
            case "fill" -> fill(directory);
            default -> throw new IllegalArgumentException(Arrays.toString(args));
        }
    }

    private static void append(Journal journal, int threads) {
        for (int i = 0; i < threads; i++) {
            int thread = i;
            Thread.ofPlatform().start(() -> {
                for (int count = 0; ; count++) {
                    String record = thread + ":" + count;
                    // Padded to different lengths, so that frames end anywhere in a page.
                    if (journal.append((record + ":" + "x".repeat(count * 7 % 300)).getBytes(UTF_8))) {
                        System.out.println("acknowledged " + record);
                    }
                }
            });
        }
    }

    private static void drain(Journal journal) {
        while (true) {
            byte[] record = journal.peek();
            if (record != null) {
                System.out.println("delivered " + JournalProcessTest.name(record));
                journal.remove();
            }
        }
    }

    /** Appends to a disk that takes no file beyond some size, as set from outside. */
    private static void fill(Path directory) throws IOException {
        try (Journal journal = Journal.open(directory, 1L << 30)) {
            for (int count = 0; count < 400; count++) {
                String record = "0:" + count;
                try {
                    if (journal.append((record + ":" + "x".repeat(1000)).getBytes(UTF_8))) {
                        System.out.println("acknowledged " + record);
                    }
                } catch (UncheckedIOException e) {
                    System.out.println("failed " + record);
                }
            }
        }
    }
}
