package dev.bandit.service.traffic;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What traffic needs to know of experiments.yaml.
 *
 * @param brokers null if the file names none
 */
public record Scenario(@Nullable String brokers, String topic, List<Test> tests) {

    public static final String DEFAULT_TOPIC = "web-events";

    /** @param variants at least one, in the order of the file */
    public record Test(String testId, String exposureEvent, String successEvent, List<Variant> variants) {}

    /** @param allocation its part of the users, as a weight */
    public record Variant(String name, double allocation) {}

    /** Only this test; all of them if null. */
    public Scenario only(@Nullable String testId) {
        if (testId == null) {
            return this;
        }
        var only = tests.stream().filter(test -> test.testId.equals(testId)).toList();
        if (only.isEmpty()) {
            throw new TrafficFailed("There is no test %s, expected one of %s"
                    .formatted(
                            testId,
                            String.join(", ", tests.stream().map(Test::testId).toList())));
        }
        return new Scenario(brokers, topic, only);
    }

    /** Refuses rates for variants that there are not, and variants without a rate. */
    void requireRates(Map<String, Double> rates) {
        var names = new TreeSet<String>();
        tests.forEach(test -> test.variants.forEach(variant -> names.add(variant.name)));
        if (!names.equals(rates.keySet())) {
            throw new TrafficFailed("--prob is for %s, expected one for each of %s"
                    .formatted(String.join(", ", new TreeSet<>(rates.keySet())), String.join(", ", names)));
        }
    }
}
