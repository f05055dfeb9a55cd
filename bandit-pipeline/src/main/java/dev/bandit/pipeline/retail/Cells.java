package dev.bandit.pipeline.retail;

import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.dhatim.fastexcel.reader.Cell;
import org.dhatim.fastexcel.reader.CellType;
import org.dhatim.fastexcel.reader.Row;
import org.jspecify.annotations.Nullable;

/** A row of a sheet as a line of an invoice, or the reason why it is none. */
record Cells(Row row) {

    static final List<String> COLUMNS = List.of(
            "Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country");

    private static final Pattern INVOICE = Pattern.compile("[AC]?\\d{1,10}");
    private static final Pattern LINE_BREAKS = Pattern.compile("\\R");
    private static final int LONGEST = 1_000;

    /** More digits than any of these numbers needs; 1E+999999999 would fill the memory if it were written out. */
    private static final int MOST_DIGITS = 40;

    private static final int MOST_DAYS = 100_000;
    private static final int FIRST_YEAR = 2000;
    private static final int LAST_YEAR = 2099;
    private static final double MOST_MONEY = 1e9;
    private static final int MOST_PIECES = 100_000_000;

    /** Why a row is rejected. */
    static final class Fault extends Exception {

        private static final long serialVersionUID = 1L;

        Fault(String reason) {
            super(reason, null, false, false);
        }

        String reason() {
            return String.valueOf(getMessage());
        }
    }

    /** Whether nothing is there. */
    boolean isBlank() {
        return IntStream.range(0, row.getCellCount()).allMatch(column -> isEmpty(column));
    }

    /** What is there, for people. */
    String excerpt() {
        String all = IntStream.range(0, Math.min(row.getCellCount(), 2 * COLUMNS.size()))
                .mapToObj(column -> row.getOptionalCell(column).map(Cells::raw).orElse(""))
                .collect(Collectors.joining(" | "));
        return all.length() <= LONGEST ? all : all.substring(0, LONGEST) + "…";
    }

    /** The text of a column, however it is written; empty if there is none. */
    String raw(int column) {
        return row.getOptionalCell(column).map(Cells::raw).orElse("");
    }

    Line line() throws Fault {
        for (int column = COLUMNS.size(); column < row.getCellCount(); column++) {
            if (!isEmpty(column)) {
                throw new Fault("more than %d cells".formatted(COLUMNS.size()));
            }
        }
        String invoice = required(0).toUpperCase(Locale.ROOT);
        if (!INVOICE.matcher(invoice).matches()) {
            throw new Fault("Invoice is no number, perhaps after C or A");
        }
        return new Line(
                invoice,
                required(1).toUpperCase(Locale.ROOT),
                text(2),
                quantity(),
                date(),
                price(),
                customer(),
                text(7));
    }

    private int quantity() throws Fault {
        BigDecimal number = number(3);
        if (number == null || !isWhole(number, MOST_PIECES) || number.signum() == 0) {
            throw new Fault("Quantity is no whole number other than 0");
        }
        return number.intValueExact();
    }

    private LocalDateTime date() throws Fault {
        BigDecimal days = number(4);
        if (days != null && days.signum() > 0 && days.doubleValue() < MOST_DAYS) {
            LocalDateTime date =
                    row.getCell(4).asDate().plus(500, ChronoUnit.MILLIS).truncatedTo(ChronoUnit.SECONDS);
            if (date.getYear() >= FIRST_YEAR && date.getYear() <= LAST_YEAR) {
                return date;
            }
        }
        throw new Fault("InvoiceDate is no date from %d to %d".formatted(FIRST_YEAR, LAST_YEAR));
    }

    private double price() throws Fault {
        BigDecimal number = number(5);
        if (number == null || Math.abs(number.doubleValue()) > MOST_MONEY) {
            throw new Fault("Price is no number");
        }
        return number.doubleValue();
    }

    private @Nullable Integer customer() throws Fault {
        if (isEmpty(6)) {
            return null;
        }
        BigDecimal number = number(6);
        if (number == null || !isWhole(number, Integer.MAX_VALUE) || number.signum() <= 0) {
            throw new Fault("Customer ID is no whole number above 0");
        }
        return number.intValueExact();
    }

    private String required(int column) throws Fault {
        String text = text(column);
        if (text == null) {
            throw new Fault(COLUMNS.get(column) + " is missing");
        }
        return text;
    }

    /** Numbers count as well: of products, most codes are some, and a few descriptions. */
    private @Nullable String text(int column) throws Fault {
        Optional<Cell> cell = row.getOptionalCell(column);
        if (cell.isEmpty() || isEmpty(column)) {
            return null;
        }
        BigDecimal number = number(column);
        if (number != null) {
            return number.stripTrailingZeros().toPlainString();
        }
        if (cell.get().getType() != CellType.STRING) {
            throw new Fault(COLUMNS.get(column) + " is neither text nor a number");
        }
        String text = LINE_BREAKS.matcher(cell.get().asString().strip()).replaceAll(" ");
        if (text.length() > LONGEST) {
            throw new Fault("%s has more than %,d characters".formatted(COLUMNS.get(column), LONGEST));
        }
        return text;
    }

    private @Nullable BigDecimal number(int column) throws Fault {
        Cell cell = row.getOptionalCell(column).orElse(null);
        if (cell == null || cell.getType() != CellType.NUMBER) {
            return null;
        }
        BigDecimal number = cell.asNumber();
        if (number.precision() > MOST_DIGITS || Math.abs((long) number.scale()) > MOST_DIGITS) {
            throw new Fault("%s has more than %d digits".formatted(COLUMNS.get(column), MOST_DIGITS));
        }
        return number;
    }

    private static boolean isWhole(BigDecimal number, long most) {
        return number.stripTrailingZeros().scale() <= 0 && number.abs().compareTo(BigDecimal.valueOf(most)) <= 0;
    }

    /** A formula is something, even where nobody has computed it. */
    private boolean isEmpty(int column) {
        return row.getOptionalCell(column)
                .filter(cell -> switch (cell.getType()) {
                    case EMPTY -> false;
                    case STRING -> !raw(cell).isBlank();
                    default -> true;
                })
                .isEmpty();
    }

    private static String raw(Cell cell) {
        return cell.getRawValue() == null ? "" : cell.getRawValue();
    }
}
