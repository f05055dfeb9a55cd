package dev.bandit.service.analyze;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.annotation.JsonNaming;
import tools.jackson.databind.json.JsonMapper;

/** The analysis for programs: the fields of {@code analyze --format json}. */
@JsonNaming(SnakeCaseStrategy.class)
public record AnalysisJson(List<TestJson> tests) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @JsonNaming(SnakeCaseStrategy.class)
    record TestJson(String testId, List<VariantJson> variants, List<SuperiorityJson> superiority, String likelyWinner) {

        static TestJson from(Analysis.Test test) {
            var pairs = new ArrayList<SuperiorityJson>();
            var variants = test.variants();
            for (int a = 0; a < variants.size(); a++) {
                for (int b = 0; b < variants.size(); b++) {
                    if (a != b) {
                        pairs.add(new SuperiorityJson(
                                variants.get(a).name(), variants.get(b).name(), test.superiority()[a][b]));
                    }
                }
            }
            return new TestJson(
                    test.testId(),
                    variants.stream().map(VariantJson::from).toList(),
                    pairs,
                    test.likelyWinner().name());
        }
    }

    /** @param successesTotal whole unless graded rewards made it a fraction */
    @JsonNaming(SnakeCaseStrategy.class)
    record VariantJson(
            String variant,
            double alpha,
            double beta,
            double mean,
            double ciLow,
            double ciHigh,
            long exposuresTotal,
            Number successesTotal) {

        static VariantJson from(Analysis.Variant variant) {
            var successes = variant.successesTotal();
            var whole = (long) successes;
            return new VariantJson(
                    variant.name(),
                    variant.posterior().alpha(),
                    variant.posterior().beta(),
                    variant.posterior().mean(),
                    variant.interval().lower(),
                    variant.interval().upper(),
                    variant.exposuresTotal(),
                    whole == successes ? (Number) whole : (Number) successes);
        }
    }

    record SuperiorityJson(String a, String b, double probability) {}

    public static AnalysisJson from(Analysis analysis) {
        return new AnalysisJson(analysis.tests().stream().map(TestJson::from).toList());
    }

    public String text() {
        return JSON.writeValueAsString(this);
    }
}
