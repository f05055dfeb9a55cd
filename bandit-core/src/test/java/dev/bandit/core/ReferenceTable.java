package dev.bandit.core;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A table of reference values, written by the programs in {@code src/test/python}: one row a case, lists split by spaces. */
public record ReferenceTable(List<String> header, List<String[]> rows) {
    public static ReferenceTable named(String name) {
        String path = "/reference/" + name + ".csv";
        try (InputStream in = ReferenceTable.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("No reference table " + path);
            }
            List<String[]> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(","))
                    .toList();
            return new ReferenceTable(List.of(lines.getFirst()), lines.subList(1, lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int size() {
        return rows.size();
    }

    public double number(int row, String column) {
        return Double.parseDouble(rows.get(row)[index(column)]);
    }

    public double[] numbers(int row, String column) {
        return Arrays.stream(rows.get(row)[index(column)].split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    public String text(int row, String column) {
        return rows.get(row)[index(column)];
    }

    private int index(String column) {
        int index = header.indexOf(column);
        if (index < 0) {
            throw new IllegalArgumentException("No column " + column + " in " + header);
        }
        return index;
    }
}
