package dev.bandit.pipeline.policy;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Small files that somebody wrote: every mistake is told with the file and the line. */
final class TextFiles {

    private static final long MOST_BYTES = 16_000_000;
    private static final List<String> ARM_COLUMNS = List.of("arm", "arm_id", "item_id");

    private TextFiles() {}

    /** A line of a table, whose columns have names. */
    record Row(Path file, NamedCsvRecord record, String armColumn) {

        String arm() {
            return text(armColumn);
        }

        boolean has(String column) {
            return record.findField(column).isPresent();
        }

        String text(String column) {
            return record.findField(column)
                    .orElseThrow(() -> wrong("ends before its %s".formatted(column)))
                    .strip();
        }

        double number(String column) {
            try {
                return Double.parseDouble(text(column));
            } catch (NumberFormatException e) {
                throw wrong("has '%s' for %s, expected a number".formatted(text(column), column));
            }
        }

        CommandFailed wrong(String what) {
            return new CommandFailed("%s: line %d %s".formatted(file, record.getStartingLineNumber(), what));
        }
    }

    static boolean isCsv(Path file) {
        return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv");
    }

    /**
     * @param columns that have to be there, beside the arm's
     * @throws CommandFailed if it cannot be read or has no such columns
     */
    static void csv(Path file, List<String> columns, Consumer<Row> each) {
        bounded(file);
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder()
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofNamedCsvRecord(file)) {
            String arm = null;
            for (NamedCsvRecord record : reader) {
                if (arm == null) {
                    arm = ARM_COLUMNS.stream()
                            .filter(record.getHeader()::contains)
                            .findFirst()
                            .orElseThrow(() -> missing(file, "arm"));
                    for (String column : columns) {
                        if (!record.getHeader().contains(column)) {
                            throw missing(file, column);
                        }
                    }
                }
                each.accept(new Row(file, record, arm));
            }
        } catch (CsvParseException e) {
            throw new CommandFailed("%s: is no CSV: %s".formatted(file, e.getMessage()), e);
        } catch (UncheckedIOException e) {
            throw unreadable(file, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * YAML, of which JSON is a part.
     *
     * @throws CommandFailed if it cannot be read
     */
    static @Nullable Object yaml(Path file) {
        bounded(file);
        try {
            return new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
        } catch (YAMLException e) {
            throw new CommandFailed(
                    "%s: is neither YAML nor JSON: %s"
                            .formatted(
                                    file,
                                    String.valueOf(e.getMessage())
                                            .lines()
                                            .findFirst()
                                            .orElse("")),
                    e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static void bounded(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new CommandFailed("%s: has more than %,d bytes, expected a file of posteriors or probabilities"
                        .formatted(file, MOST_BYTES));
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private static CommandFailed missing(Path file, String column) {
        return new CommandFailed("%s: has no column %s".formatted(file, column));
    }

    private static CommandFailed unreadable(Path file, IOException e) {
        String why = switch (e) {
            case NoSuchFileException _ -> "is not there";
            case CharacterCodingException _ -> "is no UTF-8 text";
            default -> "cannot be read: " + e.getMessage();
        };
        return new CommandFailed("%s: %s".formatted(file, why), e);
    }
}
