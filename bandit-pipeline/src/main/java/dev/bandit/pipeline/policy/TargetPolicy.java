package dev.bandit.pipeline.policy;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.policy.Arms;
import dev.bandit.core.policy.EpsilonGreedy;
import dev.bandit.core.policy.Policy;
import dev.bandit.core.policy.TopTwoThompson;
import dev.bandit.core.posterior.Ranking;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A policy that does not look at anything but the place of a list (the position of a banner, say), as the probabilities with which it takes
 * each arm there.
 *
 * @param name as it was asked for
 * @param probabilities by place from the first, then by arm; every place's sum is 1
 */
public record TargetPolicy(String name, double[][] probabilities) implements Serializable {

    private static final String EXPECTED =
            "expected uniform, posterior:FILE, thompson:FILE, top_two:FILE, epsilon_greedy:FILE or table:FILE";

    /**
     * @param spec {@code uniform}; {@code posterior:FILE} or {@code thompson:FILE}, Thompson sampling with the posteriors of the file, which
     *     fills the places in the order of its draws; {@code top_two:FILE} and {@code epsilon_greedy:FILE}, which treat all places alike;
     *     {@code table:FILE}, probabilities by arm and place
     * @param section of a file that has several (the campaign)
     * @param arms their names, in the order in which probabilities are wanted
     * @param places at least 1
     * @param epsilon of epsilon_greedy, in [0, 1]
     * @throws CommandFailed if it is none of these, or its file does not say what it should
     */
    public static TargetPolicy of(String spec, String section, List<String> arms, int places, double epsilon) {
        String kind = spec.contains(":") ? spec.substring(0, spec.indexOf(':')) : spec;
        if (kind.equals(spec)) {
            if (!kind.equals("uniform")) {
                throw new CommandFailed("The policy is '" + spec + "', " + EXPECTED + ".");
            }
            return new TargetPolicy(spec, alike(places, uniform(arms.size())));
        }
        Path file = Path.of(spec.substring(kind.length() + 1));
        double[][] probabilities = switch (kind) {
            case "posterior", "thompson" -> ranked(PosteriorFile.read(file, section, arms), places, file);
            case "top_two" -> alike(places, chosen(new TopTwoThompson(), PosteriorFile.read(file, section, arms)));
            case "epsilon_greedy" ->
                alike(places, chosen(new EpsilonGreedy(epsilon), PosteriorFile.read(file, section, arms)));
            case "table" -> TableFile.read(file, arms, places);
            default -> throw new CommandFailed("The policy is '" + kind + "', " + EXPECTED + ".");
        };
        return new TargetPolicy(spec, probabilities);
    }

    /** How probable the arm is at the place; both from 0. */
    public double probability(int arm, int place) {
        return probabilities[place][arm];
    }

    /** How many arms there are. */
    public int arms() {
        return probabilities[0].length;
    }

    private static double[] uniform(int arms) {
        double[] equal = new double[arms];
        Arrays.fill(equal, 1.0 / arms);
        return equal;
    }

    private static double[][] alike(int places, double[] probabilities) {
        double[][] all = new double[places][];
        Arrays.fill(all, probabilities);
        return all;
    }

    private static double[] chosen(Policy policy, Posteriors posteriors) {
        return policy.distribution(Arms.of(posteriors.alpha(), posteriors.beta()))
                .probabilities();
    }

    private static double[][] ranked(Posteriors posteriors, int places, Path file) {
        if (places > posteriors.alpha().length) {
            throw new CommandFailed("%s: has %d arms, expected at least one for each of the %d places of the log"
                    .formatted(file, posteriors.alpha().length, places));
        }
        return Ranking.probabilities(posteriors.alpha(), posteriors.beta(), places);
    }
}
