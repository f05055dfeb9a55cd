package dev.bandit.pipeline.retail;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.store.Archive;
import dev.bandit.pipeline.store.LocalFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.DoubleConsumer;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.ReadingOptions;
import org.dhatim.fastexcel.reader.Row;
import org.dhatim.fastexcel.reader.Sheet;
import org.jspecify.annotations.Nullable;

/**
 * The workbook, row by row. Its texts are held in memory, its rows are not.
 *
 * @param name as messages call it
 */
record Book(Path file, String name) {

    static final List<String> SHEETS = List.of("Year 2009-2010", "Year 2010-2011");

    /** A sheet cannot have more, says Excel. */
    private static final int MOST_ROWS = 1_048_576;

    private static final int MOST_CELLS = 16_384;

    private static final String TEXTS = "xl/sharedStrings.xml";
    private static final long MOST_TEXTS = 256L << 20;

    /** About so many rows the dataset has. */
    private static final double USUAL = 1_070_000;

    /** Takes what a row says. */
    interface Lines {
        /**
         * @param sheet from 0
         * @param row as Excel counts, from 1
         */
        void line(int sheet, int row, Line line) throws IOException;

        void rejected(int sheet, int row, String reason, String excerpt) throws IOException;
    }

    /**
     * Reads all rows of both sheets, in their order.
     *
     * @param progress is told about how much is done, in [0, 1]
     * @throws CommandFailed if it is no workbook of the dataset's sheets and columns
     */
    void read(Lines lines, DoubleConsumer progress) {
        check();
        try (ReadableWorkbook book = new ReadableWorkbook(file.toFile(), new ReadingOptions(false, true))) {
            List<String> sheets = book.getSheets().map(Sheet::getName).toList();
            for (String expected : SHEETS) {
                if (!sheets.contains(expected)) {
                    throw new CommandFailed("%s has no sheet \"%s\", only %s"
                            .formatted(name, expected, sheets.isEmpty() ? "none" : String.join(", ", sheets)));
                }
            }
            long rows = 0;
            for (int sheet = 0; sheet < SHEETS.size(); sheet++) {
                rows = read(book.findSheet(SHEETS.get(sheet)).orElseThrow(), sheet, rows, lines, progress);
            }
        } catch (CommandFailed e) {
            throw e;
        } catch (IOException e) {
            throw LocalFiles.failed(name + " cannot be read", e);
        } catch (UncheckedIOException e) {
            throw LocalFiles.failed("Reading %s failed".formatted(name), Objects.requireNonNull(e.getCause()));
        } catch (RuntimeException e) {
            // The reader fails in many ways over what it does not expect.
            throw new CommandFailed("%s is no readable workbook (.xlsx): %s".formatted(name, brief(e)), e);
        }
    }

    /** Unpacks everything once: against damage, and against what grows out of all proportion. */
    private void check() {
        try (Archive archive = unzip()) {
            for (String part : archive.files()) {
                if (part.equals(TEXTS) && archive.bytes(part).orElse(0L) > MOST_TEXTS) {
                    throw new CommandFailed(
                            "%s is refused: its texts unpack to more than %d MB".formatted(name, MOST_TEXTS >> 20));
                }
                try (var in = archive.read(part)) {
                    in.transferTo(OutputStream.nullOutputStream());
                } catch (ZipException e) {
                    throw new CommandFailed(
                            "%s is damaged or cut off: %s in it: %s".formatted(name, part, e.getMessage()), e);
                }
            }
        } catch (IOException e) {
            throw LocalFiles.failed(name + " cannot be read", e);
        }
    }

    private Archive unzip() {
        try {
            return Archive.zip(file, name);
        } catch (CommandFailed e) {
            throw e.getCause() instanceof ZipException zip
                    ? new CommandFailed("%s is no workbook (.xlsx): %s".formatted(name, zip.getMessage()), e)
                    : e;
        }
    }

    private long read(Sheet sheet, int number, long before, Lines lines, DoubleConsumer progress) throws IOException {
        int at = 0;
        long rows = 0;
        try (Stream<Row> all = sheet.openStream()) {
            Iterator<Row> each = all.iterator();
            if (!hasNext(each, number, at)) {
                throw new CommandFailed(called(number) + " is empty");
            }
            Row header = each.next();
            at = Math.max(1, header.getRowNum());
            checkHeader(new Cells(header), number, at);
            while (hasNext(each, number, at)) {
                Row row = each.next();
                at = Math.max(at + 1, row.getRowNum());
                if (at > MOST_ROWS || row.getCellCount() > MOST_CELLS) {
                    throw wrong(
                            number,
                            at,
                            "is beyond what a sheet can have, %,d rows of %,d cells".formatted(MOST_ROWS, MOST_CELLS));
                }
                Cells cells = new Cells(row);
                if (cells.isBlank()) {
                    continue;
                }
                rows++;
                if ((rows & 0xFFF) == 0) {
                    progress.accept(Math.min(1, (before + rows) / USUAL));
                }
                try {
                    lines.line(number, at, cells.line());
                } catch (Cells.Fault fault) {
                    lines.rejected(number, at, fault.reason(), cells.excerpt());
                }
            }
        }
        if (rows == 0) {
            throw new CommandFailed(called(number) + " has no rows");
        }
        return before + rows;
    }

    /** Where the reader fails, the row before is the last that could be read. */
    private boolean hasNext(Iterator<Row> rows, int sheet, int last) {
        try {
            return rows.hasNext();
        } catch (RuntimeException e) {
            throw new CommandFailed("%s is unreadable after row %d: %s".formatted(called(sheet), last, brief(e)), e);
        }
    }

    private void checkHeader(Cells header, int sheet, int row) {
        for (int column = 0; column < Cells.COLUMNS.size(); column++) {
            String found = header.raw(column);
            if (!found.equals(Cells.COLUMNS.get(column))) {
                throw wrong(
                        sheet,
                        row,
                        "has \"%s\" as column %d, expected \"%s\""
                                .formatted(shortened(found), column + 1, Cells.COLUMNS.get(column)));
            }
        }
        String more = header.raw(Cells.COLUMNS.size());
        if (!more.isEmpty()) {
            throw wrong(
                    sheet,
                    row,
                    "has \"%s\" as column %d, expected %d columns"
                            .formatted(shortened(more), Cells.COLUMNS.size() + 1, Cells.COLUMNS.size()));
        }
    }

    private CommandFailed wrong(int sheet, int row, String what) {
        return new CommandFailed("%s, row %d %s".formatted(called(sheet), row, what));
    }

    private String called(int sheet) {
        return "%s, sheet \"%s\"".formatted(name, SHEETS.get(sheet));
    }

    private static String brief(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        @Nullable String message = cause.getMessage();
        return message == null
                ? cause.getClass().getSimpleName()
                : shortened(message.lines().findFirst().orElse(""));
    }

    private static String shortened(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }
}
