package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A process that uses a journal until it is killed, and says on standard output what it was promised and what it delivered:
 * {@code <mode> <directory> <threads>}; every thread has a stream of its own. See {@link JournalProcessTest}.
 */
final class JournalChild {

    private JournalChild() {}

    public static void main(String[] args) throws Exception {
        Journal journal = Journal.open(Path.of(args[1]), 1L << 30);
        int threads = Integer.parseInt(args[2]);
        switch (args[0]) {
            case "append" -> append(journal, threads, false);
            case "append-and-deliver" -> append(journal, threads, true);
            case "fill" -> fill(journal);
            default -> throw new IllegalArgumentException(Arrays.toString(args));
        }
    }

    private static void append(Journal journal, int threads, boolean deliver) {
        for (int i = 0; i < threads; i++) {
            int thread = i;
            StreamJournal stream = journal.begin("x" + i, i);
            Thread.ofPlatform().start(() -> {
                try {
                    for (int count = 0; ; count++) {
                        String record = thread + ":" + count;
                        // Padded to different lengths, so that frames end anywhere in a page.
                        if (stream.append((record + ":" + "x".repeat(count * 7 % 300)).getBytes(UTF_8))) {
                            System.out.println("acknowledged " + record);
                        }
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            if (deliver) {
                Thread.ofPlatform().start(() -> deliver(stream));
            }
        }
    }

    private static void deliver(StreamJournal stream) {
        while (true) {
            List<byte[]> some = stream.read(10);
            some.forEach(record -> System.out.println("delivered " + JournalProcessTest.name(record)));
            stream.delivered();
        }
    }

    /** Appends to a disk that takes no file beyond some size, as set from outside. */
    private static void fill(Journal journal) {
        StreamJournal stream = journal.begin("x", 0);
        for (int count = 0; count < 400; count++) {
            String record = "0:" + count;
            boolean taken;
            try {
                taken = stream.append((record + ":" + "x".repeat(1000)).getBytes(UTF_8));
            } catch (IOException e) {
                taken = false;
            }
            System.out.println((taken ? "acknowledged " : "failed ") + record);
        }
    }
}
