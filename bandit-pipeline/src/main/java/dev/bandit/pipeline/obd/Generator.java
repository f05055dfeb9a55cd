package dev.bandit.pipeline.obd;

import dev.bandit.core.sampling.Categorical;
import dev.bandit.pipeline.store.LocalFiles;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/**
 * Makes logs of the dataset's shape whose true click rates are known. A click depends on item and position alone; both policies have
 * the same items with the same rates, for the same seed and campaign.
 */
public final class Generator {

    /** Each equally often, whatever the policy. */
    public static final int POSITIONS = 3;

    private static final int MILLION = 1_000_000;
    private static final LocalDate FIRST_DAY = LocalDate.of(2019, 11, 24);
    private static final int DAYS = 7;
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final int[] FEATURE_VALUES = {4, 6, 10, 10};

    /** One row in so many has an affinity that is not zero. */
    private static final int AFFINE = 8;

    private final Part part;
    private final long seed;
    private final double[][] rates;

    /** Per position; those of BTS in millionths, as exact as they are printed. */
    private final double[][] propensities;

    private Generator(Part part, long seed) {
        this.part = part;
        this.seed = seed;
        int items = items();
        var truth = random("rates " + part.campaign());
        rates = new double[POSITIONS][items];
        for (int item = 0; item < items; item++) {
            double appeal = 0.002 + 0.018 * Math.pow(truth.nextDouble(), 3);
            for (int position = 0; position < POSITIONS; position++) {
                rates[position][item] = appeal * (1 - 0.2 * position);
            }
        }
        propensities = new double[POSITIONS][items];
        for (int position = 0; position < POSITIONS; position++) {
            if (part.behavior() == Behavior.RANDOM) {
                Arrays.fill(propensities[position], 1.0 / items);
            } else {
                learn(position, truth);
            }
        }
    }

    /** The same part and seed have the same rates, propensities and rows. */
    public static Generator of(Part part, long seed) {
        return new Generator(part, seed);
    }

    /** As many as the dataset has. */
    public int items() {
        return switch (part.campaign()) {
            case ALL -> 80;
            case MEN -> 34;
            case WOMEN -> 46;
        };
    }

    /**
     * The probability of a click.
     *
     * @param position 1 to 3
     */
    public double rate(int item, int position) {
        return rates[position - 1][item];
    }

    /**
     * The probability that the policy shows an item.
     *
     * @param position 1 to 3
     */
    public double propensity(int item, int position) {
        return propensities[position - 1][item];
    }

    /** The expected clicks of a row, which is the value of the policy. */
    public double value() {
        double value = 0;
        for (int position = 1; position <= POSITIONS; position++) {
            for (int item = 0; item < items(); item++) {
                value += propensity(item, position) * rate(item, position) / POSITIONS;
            }
        }
        return value;
    }

    /**
     * Writes log and items.
     *
     * @param dataset the folder of all parts, which need not exist
     * @param gzip whether to pack the log
     */
    public void write(Path dataset, long rows, boolean gzip) {
        Path folder = dataset.resolve(part.folder());
        Path log = folder.resolve(part.campaign() + (gzip ? ".csv.gz" : ".csv"));
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(Source.ITEMS), context());
            try (OutputStream file = Files.newOutputStream(log);
                    OutputStream out =
                            gzip ? new GZIPOutputStream(file, 1 << 16) : new BufferedOutputStream(file, 1 << 20)) {
                out.write(("," + String.join(",", Columns.log(items()).subList(1, 10)) + ","
                                + Columns.affinities(items())
                                        .map(name -> name.replace("user_item", "user-item"))
                                        .collect(Collectors.joining(","))
                                + "\n")
                        .getBytes(StandardCharsets.US_ASCII));
                rows(out, rows);
            }
        } catch (IOException e) {
            throw LocalFiles.failed("Writing " + log + " failed", e);
        }
    }

    private void rows(OutputStream out, long rows) throws IOException {
        var random = random("rows " + part);
        int items = items();
        byte[][][] shown = new byte[POSITIONS][items][];
        for (int position = 0; position < POSITIONS; position++) {
            for (int item = 0; item < items; item++) {
                shown[position][item] = ascii("," + item + "," + (position + 1) + ",");
            }
        }
        double[][] cumulative = new double[POSITIONS][];
        for (int position = 0; position < POSITIONS; position++) {
            cumulative[position] = propensities[position].clone();
            Arrays.parallelPrefix(cumulative[position], Double::sum);
            // Not a digit less: every draw is below.
            cumulative[position][items - 1] = 1;
        }
        byte[][][] propensity = new byte[POSITIONS][items][];
        for (int position = 0; position < POSITIONS; position++) {
            for (int item = 0; item < items; item++) {
                propensity[position][item] = ascii("," + propensities[position][item] + ",");
            }
        }
        byte[][][] features = new byte[FEATURE_VALUES.length][][];
        for (int i = 0; i < features.length; i++) {
            features[i] = new byte[FEATURE_VALUES[i]][];
            for (int value = 0; value < FEATURE_VALUES[i]; value++) {
                features[i][value] = ascii(hash(i * 100 + value) + ",");
            }
        }
        byte[] affinities = ascii("0.0,".repeat(items - 1) + "0.0\n");
        byte[][] days = new byte[DAYS][];
        for (int day = 0; day < DAYS; day++) {
            days[day] = ascii("," + FIRST_DAY.plusDays(day) + " ");
        }
        double step = (double) DAYS * DAY_MICROS / rows;
        var row = new Row(512 + affinities.length);
        for (long index = 0; index < rows; index++) {
            row.clear();
            row.number(index);
            long micros = (long) ((index + random.nextDouble()) * step);
            row.bytes(days[(int) Math.min(DAYS - 1, micros / DAY_MICROS)]);
            row.time(micros % DAY_MICROS);
            int position = random.nextInt(POSITIONS);
            int item = Categorical.draw(cumulative[position], random.nextDouble());
            row.bytes(shown[position][item]);
            row.digit(random.nextDouble() < rates[position][item] ? 1 : 0);
            row.bytes(propensity[position][item]);
            for (byte[][] feature : features) {
                row.bytes(feature[random.nextInt(feature.length)]);
            }
            if (random.nextInt(AFFINE) == 0) {
                int affine = 4 * random.nextInt(items);
                affinities[affine] = (byte) ('1' + random.nextInt(3));
                row.bytes(affinities);
                affinities[affine] = '0';
            } else {
                row.bytes(affinities);
            }
            row.writeTo(out);
        }
    }

    private String context() {
        var random = random("prices " + part.campaign());
        var context = new StringBuilder(",")
                .append(String.join(",", Columns.ITEMS.subList(1, 6)))
                .append('\n');
        for (int item = 0; item < items(); item++) {
            context.append("%d,%d,%s,%s,%s,%s\n"
                    .formatted(
                            item,
                            item,
                            2 * random.nextDouble() - 1,
                            hash(10_000 + item),
                            hash(20_000 + item % 9),
                            hash(30_000 + item % 5)));
        }
        return context.toString();
    }

    /** A name that means nothing, and another one under each policy, as in the dataset. */
    private String hash(int of) {
        var random = random(part.behavior() + " " + of);
        return "%016x%016x".formatted(random.nextLong(), random.nextLong());
    }

    /** A policy that has learned something: it favours what is clicked, and shows everything now and then. */
    private void learn(int position, SplittableRandom random) {
        int items = items();
        double[] weights = new double[items];
        double sum = 0;
        for (int item = 0; item < items; item++) {
            weights[item] = Math.pow(rates[position][item], 0.7) * (0.5 + random.nextDouble());
            sum += weights[item];
        }
        int[] millionths = new int[items];
        int left = MILLION;
        for (int item = 0; item < items; item++) {
            millionths[item] = Math.max(1, (int) (MILLION * weights[item] / sum));
            left -= millionths[item];
        }
        millionths[0] += left;
        for (int item = 0; item < items; item++) {
            propensities[position][item] = millionths[item] / (double) MILLION;
        }
    }

    /** Each thing has its own, so that one does not change with another. */
    private SplittableRandom random(String purpose) {
        return new SplittableRandom(31 * seed + purpose.hashCode());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A line in the making. */
    private static final class Row {

        private final byte[] buffer;
        private int length;

        Row(int most) {
            buffer = new byte[most];
        }

        void clear() {
            length = 0;
        }

        void bytes(byte[] bytes) {
            System.arraycopy(bytes, 0, buffer, length, bytes.length);
            length += bytes.length;
        }

        void digit(int digit) {
            buffer[length++] = (byte) ('0' + digit);
        }

        void number(long number) {
            int digits = 1;
            for (long rest = number / 10; rest > 0; rest /= 10) {
                digits++;
            }
            padded(number, digits);
        }

        /** Of a day, as the dataset writes it, in UTC. */
        void time(long micros) {
            long seconds = micros / MILLION;
            padded(seconds / 3600, 2);
            buffer[length++] = ':';
            padded(seconds / 60 % 60, 2);
            buffer[length++] = ':';
            padded(seconds % 60, 2);
            buffer[length++] = '.';
            padded(micros % MILLION, 6);
            bytes(UTC);
        }

        void writeTo(OutputStream out) throws IOException {
            out.write(buffer, 0, length);
        }

        private void padded(long number, int digits) {
            long rest = number;
            for (int i = digits - 1; i >= 0; i--) {
                buffer[length + i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            length += digits;
        }

        private static final byte[] UTC = ascii("+00:00");
    }
}
