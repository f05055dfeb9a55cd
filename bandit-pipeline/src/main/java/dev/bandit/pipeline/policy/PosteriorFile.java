package dev.bandit.pipeline.policy;

import dev.bandit.cli.CommandFailed;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file of Beta posteriors, in one of three forms: CSV with the columns {@code arm} (or {@code item_id}), {@code alpha} and {@code beta};
 * what {@code GET /experiments/{id}/posterior} answers; or YAML or JSON with lists {@code alpha} and {@code beta} in the order of the arms,
 * at the top or under the name of a campaign, as the Open Bandit Dataset's authors publish their priors.
 */
final class PosteriorFile {

    private PosteriorFile() {}

    /**
     * @throws CommandFailed if it cannot be read, is none of these, or says nothing or nonsense of an arm
     */
    static Posteriors read(Path file, String section, List<String> arms) {
        Map<String, double[]> byArm = TextFiles.isCsv(file) ? table(file) : tree(file, section, arms);
        double[] alpha = new double[arms.size()];
        double[] beta = new double[arms.size()];
        for (int k = 0; k < alpha.length; k++) {
            double[] both = byArm.get(arms.get(k));
            if (both == null) {
                throw new CommandFailed("%s: has no arm %s, expected all %d arms of the log"
                        .formatted(file, arms.get(k), alpha.length));
            }
            alpha[k] = positive(file, arms.get(k), "alpha", both[0]);
            beta[k] = positive(file, arms.get(k), "beta", both[1]);
        }
        return new Posteriors(alpha, beta);
    }

    private static Map<String, double[]> table(Path file) {
        Map<String, double[]> byArm = new HashMap<>();
        TextFiles.csv(file, List.of("alpha", "beta"), row -> {
            double[] both = {row.number("alpha"), row.number("beta")};
            if (byArm.put(row.arm(), both) != null) {
                throw row.wrong("has the arm %s again, expected each once".formatted(row.arm()));
            }
        });
        return byArm;
    }

    private static Map<String, double[]> tree(Path file, String section, List<String> arms) {
        Object whole = TextFiles.yaml(file);
        if (whole instanceof Map<?, ?> top && top.get("arms") instanceof List<?> list) {
            return answered(file, list);
        }
        Object part = whole instanceof Map<?, ?> top && top.containsKey(section) ? top.get(section) : whole;
        if (part instanceof Map<?, ?> lists
                && lists.get("alpha") instanceof List<?> alpha
                && lists.get("beta") instanceof List<?> beta) {
            if (alpha.size() != arms.size() || beta.size() != arms.size()) {
                throw new CommandFailed(
                        "%s: alpha and beta have %d and %d numbers, expected one for each of the %d arms"
                                .formatted(file, alpha.size(), beta.size(), arms.size()));
            }
            Map<String, double[]> byArm = new HashMap<>();
            for (int k = 0; k < arms.size(); k++) {
                byArm.put(arms.get(k), new double[] {
                    number(file, "alpha[" + k + "]", alpha.get(k)), number(file, "beta[" + k + "]", beta.get(k))
                });
            }
            return byArm;
        }
        throw new CommandFailed(
                "%s: expected lists alpha and beta, at the top or under %s, or what /experiments/{id}/posterior answers"
                        .formatted(file, section));
    }

    private static Map<String, double[]> answered(Path file, List<?> list) {
        Map<String, double[]> byArm = new HashMap<>();
        for (int k = 0; k < list.size(); k++) {
            if (!(list.get(k) instanceof Map<?, ?> arm) || !(arm.get("arm_id") instanceof String name)) {
                throw new CommandFailed("%s: arms[%d] has no arm_id, expected a name".formatted(file, k));
            }
            byArm.put(name, new double[] {
                number(file, "arms[" + k + "].alpha", arm.get("alpha")),
                number(file, "arms[" + k + "].beta", arm.get("beta"))
            });
        }
        return byArm;
    }

    private static double number(Path file, String where, @Nullable Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new CommandFailed("%s: %s is %s, expected a number".formatted(file, where, value));
    }

    private static double positive(Path file, String arm, String name, double value) {
        if (value > 0 && value < Double.POSITIVE_INFINITY) {
            return value;
        }
        throw new CommandFailed("%s: %s of arm %s is %s, expected a number above 0".formatted(file, name, arm, value));
    }
}
