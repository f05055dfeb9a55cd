package dev.bandit.pipeline.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/**
 * A workbook of the shape of Online Retail II, whose true click rates are known: two sheets that share nine days, cancellations whole and in
 * part, adjustments, postage and tests, stock that comes and goes, lines that stand twice in an invoice, customers and descriptions that
 * are missing. What a basket holds is written down here while it is made, not derived from the rows.
 */
public final class RetailWorkbook {

    public static final List<Object> HEADER = List.of(
            "Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "Customer ID", "Country");

    public static final List<String> SHEETS = List.of("Year 2009-2010", "Year 2010-2011");

    /** To be written as a formula. */
    public record Formula(String text) {}

    private static final LocalDateTime FIRST = LocalDateTime.parse("2009-12-01T07:45");
    private static final LocalDateTime SECOND_SHEET = LocalDateTime.parse("2010-12-01T00:00");
    private static final LocalDateTime FIRST_SHEET_ENDS = LocalDateTime.parse("2010-12-10T00:00");
    private static final LocalDateTime LAST = LocalDateTime.parse("2011-12-09T12:50");

    /** In the order of the arms, with the share of baskets that hold one. */
    private record Shelf(String category, double share, List<String> descriptions) {}

    private static final List<Shelf> SHELVES = List.of(
            new Shelf("bag", 0.38, List.of("LUNCH BAG RED RETROSPOT", "JUMBO BAG STRAWBERRY", "Paper Bags, set of 6")),
            new Shelf("mug", 0.17, List.of("REGENCY TEACUP AND SAUCER", "RED SPOTTY MUG", "SET OF 4 CUPS")),
            new Shelf(
                    "light",
                    0.29,
                    List.of(
                            "WHITE HANGING HEART T-LIGHT HOLDER",
                            "SET/6 CANDLES",
                            "CHRISTMAS LANTERN",
                            "FAIRY LIGHTS")),
            new Shelf("christmas", 0.12, List.of("60 CHRISTMAS TREE DECORATIONS", "SNOWFLAKES, GLITTER", "SANTA HAT")),
            new Shelf("card", 0.15, List.of("BIRTHDAY CARD, RETRO SPOT", "RIBBONS EMPIRE", "CARD WITH PEN")),
            new Shelf("party", 0.2, List.of("PARTY BUNTING", "REGENCY CAKESTAND 3 TIER", "PACK OF 20 NAPKINS")),
            new Shelf(
                    "storage",
                    0.25,
                    List.of("RETRO STORAGE TIN", "RECIPE BOX PANTRY", "MEDICINE CABINET", "SET 3 BOXES")),
            new Shelf("kitchen", 0.14, List.of("PICNIC PLATES", "COFFEE SCOOP", "MILK JUG, ENAMEL")),
            new Shelf("sign", 0.18, List.of("METAL SIGN TAKE IT OR LEAVE IT", "ALARM CLOCK BAKELIKE", "PHOTO FRAME")),
            new Shelf("jewellery", 0.03, List.of("AMBER DROP EARRINGS", "SILVER BRACELET", "HEART NECKLACE")),
            new Shelf("toy", 0.08, List.of("PLAYHOUSE DOLL", "WOODEN JIGSAW", "TRADITIONAL SKITTLES")),
            new Shelf("stationery", 0.11, List.of("PENCILS TUBE", "STICKERS, VINTAGE", "NOTEBOOK A5")),
            new Shelf("garden", 0.06, List.of("WATERING CAN, ZINC", "PLANT POT, IVORY", "SEEDS, HERBS")),
            new Shelf("other", 0.2, List.of("HANDBAGGAGE LABELLER", "ASSORTED COLOUR ORNAMENT", "KNITTED UNION FLAG")));

    private final SplittableRandom random;
    private final List<List<List<Object>>> sheets = List.of(new ArrayList<>(), new ArrayList<>());
    private final Map<String, TreeSet<String>> baskets = new LinkedHashMap<>();
    private final Map<String, Long> kinds = new TreeMap<>();
    private long lines;
    private long repeated;
    private long cancelledLines;
    private long cancelledInvoices;
    private int invoice = 489_434;

    private RetailWorkbook(long seed) {
        random = new SplittableRandom(seed);
    }

    /** So many invoices of goods, over two years; cancellations and the like come on top. */
    public static RetailWorkbook of(int invoices, long seed) {
        RetailWorkbook workbook = new RetailWorkbook(seed);
        long minutes = Duration.between(FIRST, LAST).toMinutes();
        for (int i = 0; i < invoices; i++) {
            workbook.basket(FIRST.plusMinutes(minutes * i / invoices));
        }
        return workbook;
    }

    /** Those of which something is left, with the categories that they hold. */
    public Map<String, TreeSet<String>> baskets() {
        return Collections.unmodifiableMap(baskets);
    }

    public static List<String> categories() {
        return SHELVES.stream().map(Shelf::category).toList();
    }

    /** How many baskets hold something of it, by how many there are. */
    public double rate(String category) {
        return (double) baskets.values().stream()
                        .filter(held -> held.contains(category))
                        .count()
                / baskets.size();
    }

    /** By kind, each line once. */
    public Map<String, Long> kinds() {
        return kinds;
    }

    public long lines() {
        return lines;
    }

    /** Lines that are in both sheets. */
    public long repeated() {
        return repeated;
    }

    public long cancelledLines() {
        return cancelledLines;
    }

    public long cancelledInvoices() {
        return cancelledInvoices;
    }

    /** With their headers, to be changed and written. */
    public Map<String, List<List<Object>>> sheets() {
        Map<String, List<List<Object>>> all = new LinkedHashMap<>();
        for (int sheet = 0; sheet < SHEETS.size(); sheet++) {
            List<List<Object>> rows = new ArrayList<>(List.of(HEADER));
            rows.addAll(sheets.get(sheet));
            all.put(SHEETS.get(sheet), rows);
        }
        return all;
    }

    public Path write(Path file) throws IOException {
        return write(file, sheets());
    }

    public static Path write(Path file, Map<String, List<List<Object>>> sheets) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                Workbook workbook = new Workbook(out, "Retail", "1.0")) {
            for (var sheet : sheets.entrySet()) {
                Worksheet into = workbook.newWorksheet(sheet.getKey());
                int at = 0;
                for (List<Object> row : sheet.getValue()) {
                    for (int column = 0; column < row.size(); column++) {
                        cell(into, at, column, row.get(column));
                    }
                    at++;
                    if (at % 1_000 == 0) {
                        into.flush();
                    }
                }
                into.finish();
            }
        }
        return file;
    }

    /** Around a workbook, as it is published. */
    public static Path zip(Path workbook, Path zip, String top) throws IOException {
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry(top + "online_retail_II.xlsx"));
            Files.copy(workbook, out);
        }
        return zip;
    }

    private static void cell(Worksheet sheet, int row, int column, Object value) {
        switch (value) {
            case null -> {
                // Nothing there.
            }
            case LocalDateTime date -> sheet.value(row, column, date);
            case Number number -> sheet.value(row, column, number);
            case Formula formula -> sheet.formula(row, column, formula.text());
            case Boolean truth -> sheet.value(row, column, truth);
            default -> sheet.value(row, column, value.toString());
        }
    }

    private void basket(LocalDateTime at) {
        String number = Integer.toString(invoice++);
        Integer customer = random.nextInt(4) == 0 ? null : 12_346 + random.nextInt(4_000);
        boolean whole = customer != null && random.nextInt(50) == 0;
        TreeSet<String> held = new TreeSet<>();
        boolean bought = false;
        for (int shelf = 0; shelf < SHELVES.size(); shelf++) {
            boolean last = shelf == SHELVES.size() - 1;
            if (random.nextDouble() < SHELVES.get(shelf).share() || last && !bought) {
                held.addAll(buy(number, shelf, at, customer, whole));
                bought = true;
            }
        }
        if (held.isEmpty()) {
            cancelledInvoices++;
        } else {
            baskets.put(number, held);
        }
        beside(number, at, customer);
    }

    /** @return the category, unless all of it is taken back */
    private List<String> buy(String number, int shelf, LocalDateTime at, Integer customer, boolean back) {
        List<String> descriptions = SHELVES.get(shelf).descriptions();
        int first = random.nextInt(descriptions.size());
        int different = 1 + random.nextInt(descriptions.size());
        boolean left = false;
        for (int i = 0; i < different; i++) {
            int which = (first + i) % descriptions.size();
            Object code = which == 1 ? 20_000 + 100 * shelf + "b" : (Object) (20_000 + 100 * shelf + which);
            int quantity = 1 + random.nextInt(12);
            double price = (1 + random.nextInt(1_500)) / 100.0;
            String description = descriptions.get(which);
            line("purchase", number, code, description, quantity, at, price, customer);
            boolean gone = back || customer != null && random.nextInt(40) == 0;
            if (gone) {
                cancelledLines++;
                line("cancellation", "C" + invoice++, code, description, -quantity, at, price, customer);
            } else {
                left = true;
                if (quantity > 1 && random.nextInt(50) == 0) {
                    line("cancellation", "C" + invoice++, code, description, -1, at, price, customer);
                } else if (random.nextInt(50) == 0) {
                    line("purchase", number, code, description, quantity, at, price, customer);
                }
            }
        }
        return left ? List.of(SHELVES.get(shelf).category()) : List.of();
    }

    /** What is no purchase, and must not make a difference. */
    private void beside(String number, LocalDateTime at, Integer customer) {
        switch (random.nextInt(40)) {
            case 0, 1, 2 -> line("service", number, "POST", "POSTAGE", 1, at, 18.0, customer);
            case 3 -> line("service", number, "gift_0001_20", "Dotcomgiftshop Gift Voucher £20.00", 1, at, 16.67, null);
            case 4 -> line("service", number, "BANK CHARGES", " Bank Charges", 1, at, 15.0, null);
            case 5 -> line("service", "C" + invoice++, "AMAZONFEE", "AMAZON FEE", -1, at, 13541.33, null);
            case 6 ->
                line("service", Integer.toString(invoice++), "TEST001", "This is a test product.", 10, at, 4.5, 12346);
            case 7 -> line("adjustment", "A" + invoice++, "B", "Adjust bad debt", 1, at, -11062.06, null);
            case 8 -> line("stock", Integer.toString(invoice++), 20_000, null, -7, at, 0.0, null);
            case 9 -> line("stock", Integer.toString(invoice++), 20_001 + "A", "JUMBO BAG, damaged", 4, at, 0.0, null);
            case 10 -> line("cancellation", "C" + invoice++, 20_000, "LUNCH BAG RED RETROSPOT", -3, at, 1.65, null);
            default -> {
                // Most have nothing.
            }
        }
    }

    private void line(
            String kind,
            String number,
            Object code,
            String description,
            int quantity,
            LocalDateTime at,
            double price,
            Integer customer) {
        Object written = Character.isDigit(number.charAt(0)) ? (Object) Integer.parseInt(number) : number;
        List<Object> row = Arrays.asList(written, code, description, quantity, at, price, customer, "United Kingdom");
        kinds.merge(kind, 1L, Long::sum);
        lines++;
        boolean first = at.isBefore(FIRST_SHEET_ENDS);
        boolean second = !at.isBefore(SECOND_SHEET);
        if (first) {
            sheets.get(0).add(row);
        }
        if (second) {
            sheets.get(1).add(row);
        }
        if (first && second) {
            repeated++;
        }
    }

    /** @param args file, invoices and seed */
    public static void main(String[] args) throws IOException {
        RetailWorkbook workbook = of(Integer.parseInt(args[1]), Long.parseLong(args[2]));
        workbook.write(Path.of(args[0]));
        System.out.printf("%,d lines in %s%n", workbook.lines() + workbook.repeated(), args[0]);
    }
}
