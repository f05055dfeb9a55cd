package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.snapshot.SnapshotRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads back what {@link CsvSink} wrote, of names that need no quotes. */
final class CsvFile {

    private CsvFile() {}

    /** The ticks in the order of the file. */
    static List<Tick> ticks(Path file) throws IOException {
        String text = Files.readString(file);
        assertThat(text).startsWith(String.join(",", Columns.NAMES) + "\n").endsWith("\n");
        Map<Instant, List<SnapshotRow>> ticks = new TreeMap<>();
        List<Instant> order = new ArrayList<>();
        text.lines().skip(1).map(CsvFile::row).forEach(row -> {
            if (order.isEmpty() || !order.getLast().equals(row.timestamp())) {
                order.add(row.timestamp());
            }
            ticks.computeIfAbsent(row.timestamp(), time -> new ArrayList<>()).add(row);
        });
        assertThat(order).isSorted().doesNotHaveDuplicates();
        return order.stream().map(time -> new Tick(time, ticks.get(time))).toList();
    }

    private static SnapshotRow row(String line) {
        String[] fields = line.split(",", -1);
        assertThat(fields).hasSize(15);
        return new SnapshotRow(
                fields[0],
                fields[1],
                Instant.parse(fields[2]),
                Double.parseDouble(fields[3]),
                Double.parseDouble(fields[4]),
                Long.parseLong(fields[5]),
                Double.parseDouble(fields[6]),
                Long.parseLong(fields[7]),
                Double.parseDouble(fields[8]),
                fields[9].isEmpty() ? null : Double.valueOf(fields[9]),
                Double.parseDouble(fields[10]),
                Double.parseDouble(fields[11]),
                Double.parseDouble(fields[12]),
                Double.parseDouble(fields[13]),
                Double.parseDouble(fields[14]));
    }
}
