package dev.bandit.pipeline.policy;

import dev.bandit.cli.CommandFailed;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** CSV with the columns {@code arm} (or {@code item_id}), {@code position} (from 1; left out where all are alike) and {@code probability}. */
final class TableFile {

    private static final double ROUNDING = 1e-6;

    private TableFile() {}

    /**
     * An arm that is not named has probability 0.
     *
     * @return by place, then by arm
     * @throws CommandFailed if it cannot be read, or does not hold a distribution for every place
     */
    static double[][] read(Path file, List<String> arms, int places) {
        double[][] table = new double[places][arms.size()];
        boolean[][] seen = new boolean[places][arms.size()];
        TextFiles.csv(file, List.of("probability"), row -> {
            int arm = arms.indexOf(row.arm());
            if (arm < 0) {
                throw row.wrong("is about the arm %s, expected one of the log".formatted(row.arm()));
            }
            double probability = row.number("probability");
            if (!(probability >= 0 && probability <= 1)) {
                throw row.wrong("has the probability %s, expected 0 to 1".formatted(probability));
            }
            int first = 0;
            int last = places - 1;
            if (row.has("position")) {
                double position = row.number("position");
                if (!(position >= 1 && position <= places && position == Math.rint(position))) {
                    throw row.wrong("has the position %s, expected 1 to %d".formatted(row.text("position"), places));
                }
                first = (int) position - 1;
                last = first;
            }
            for (int place = first; place <= last; place++) {
                if (seen[place][arm]) {
                    throw row.wrong("has the arm %s again, expected each once a position".formatted(row.arm()));
                }
                seen[place][arm] = true;
                table[place][arm] = probability;
            }
        });
        for (int place = 0; place < places; place++) {
            double sum = Arrays.stream(table[place]).sum();
            if (!(Math.abs(sum - 1) <= ROUNDING)) {
                throw new CommandFailed(
                        "%s: the probabilities of position %d sum to %s, expected 1".formatted(file, place + 1, sum));
            }
            for (int arm = 0; arm < arms.size(); arm++) {
                table[place][arm] /= sum;
            }
        }
        return table;
    }
}
