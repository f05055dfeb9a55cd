package dev.bandit.pipeline.bench;

import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.obd.Generator;
import dev.bandit.pipeline.obd.Ingest;
import dev.bandit.pipeline.obd.Part;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Ingest beside DuckDB's own COPY of the same file, by turns; run by {@code bench/ingest.sh}. */
final class IngestBench {

    private IngestBench() {}

    /** @param args rows, rounds, and "gzip" for a packed log */
    public static void main(String[] args) throws IOException, SQLException {
        long rows = Long.parseLong(args[0]);
        int rounds = Integer.parseInt(args[1]);
        boolean gzip = args.length > 2 && args[2].equals("gzip");
        Path folder = Files.createTempDirectory("bandit-ingest-");
        try {
            Part part = Dataset.BTS;
            long start = System.nanoTime();
            Generator.of(part, 1).write(folder.resolve("data"), rows, gzip);
            say("made %,d rows, %,.0f a second", rows, rows / seconds(start));
            Path log = folder.resolve("data/bts/men/men.csv" + (gzip ? ".gz" : ""));
            double[] ratios = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                start = System.nanoTime();
                try (Duck duck = Duck.open(folder.resolve("aside"))) {
                    duck.run("COPY (FROM read_csv(" + Duck.quoted(log) + ")) TO "
                            + Duck.quoted(folder.resolve("plain.parquet")) + " (FORMAT parquet)");
                }
                double plain = seconds(start);
                Path place = folder.resolve("store-" + round);
                start = System.nanoTime();
                try (Store store = Store.open(place.toString())) {
                    var all = new Ingest.Settings(any -> true, 0, Optional.empty());
                    new Ingest(store, all, (done, what) -> {}, "bench").run(folder.resolve("data"));
                }
                double ingest = seconds(start);
                delete(place);
                ratios[round] = ingest / plain;
                say("round %d: COPY %.2f s, ingest %.2f s, ratio %.2f", round + 1, plain, ingest, ratios[round]);
            }
            Arrays.sort(ratios);
            say("median ratio %.2f of %d rounds", ratios[rounds / 2], rounds);
        } finally {
            delete(folder);
        }
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
