package dev.bandit.pipeline.testing;

import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.obd.Behavior;
import dev.bandit.pipeline.obd.Campaign;
import dev.bandit.pipeline.obd.Generator;
import dev.bandit.pipeline.obd.Part;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.TreeMap;

/** Data to try things on. */
public final class Dataset {

    public static final Part RANDOM = new Part(Behavior.RANDOM, Campaign.MEN);
    public static final Part BTS = new Part(Behavior.BTS, Campaign.MEN);

    private Dataset() {}

    /** The published sample (named by {@code bandit.obd} or {@code $BANDIT_OBD}), or made up logs of its size and shape. */
    public static Path sample(Path folder) {
        String named = System.getProperty(
                "bandit.obd", Optional.ofNullable(System.getenv("BANDIT_OBD")).orElse("../../shared/data/obd"));
        return Files.isDirectory(Path.of(named)) ? Path.of(named) : made(folder, 10_000, true);
    }

    /** Logs of both policies for men. */
    public static Path made(Path folder, long rows, boolean gzip) {
        Generator.of(RANDOM, 7).write(folder, rows, gzip);
        Generator.of(BTS, 7).write(folder, rows, gzip);
        return folder;
    }

    /** All rows of a part, sorted by index, as text. */
    public static byte[] dump(Store store, Part part, Path scratch) throws SQLException, IOException {
        Silver silver = Silver.open(store, part.behavior(), part.campaign());
        Path dump = scratch.resolve("dump.csv");
        try (Duck duck = Duck.open(scratch.resolve("aside"))) {
            duck.run("COPY (FROM " + LoggedRounds.of(silver).relation(store) + " ORDER BY \"row\") TO "
                    + Duck.quoted(dump) + " (FORMAT csv)");
        }
        byte[] bytes = Files.readAllBytes(dump);
        Files.delete(dump);
        return bytes;
    }

    /** What a folder holds, by the names in it. */
    public static TreeMap<String, Checksum> contents(Path folder) throws IOException {
        TreeMap<String, Checksum> files = new TreeMap<>();
        try (var all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Checksum.of(file));
            }
        }
        return files;
    }
}
