package dev.bandit.bench;

/** An answer as long as a real one. */
final class Answer {

    static final String TOKEN = "A".repeat(108);

    static final String JSON = "{\"decision_id\":\"" + TOKEN
            + "\",\"experiment_id\":\"bench-10\",\"arm_id\":\"arm-3\",\"propensity\":0.1370000000001,\"policy\":\"thompson\",\"posterior_version\":123456}";

    private Answer() {}
}
