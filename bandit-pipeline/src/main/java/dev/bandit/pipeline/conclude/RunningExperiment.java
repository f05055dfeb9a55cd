package dev.bandit.pipeline.conclude;

import dev.bandit.cli.CommandFailed;
import dev.bandit.cli.ServiceCall;
import dev.bandit.pipeline.conclude.Conclusion.Arm;
import dev.bandit.pipeline.conclude.Conclusion.Condition;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An experiment of a running service, which judges it by the rule that stands in its definition. */
public final class RunningExperiment {

    private final ServiceCall service;
    private final String path;

    public RunningExperiment(ServiceCall service, String id) {
        this.service = service;
        this.path =
                "/experiments/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * @throws CommandFailed if the service does not answer, or not with a report
     */
    public Conclusion conclusion() {
        try {
            JsonNode report = JsonMapper.shared().readTree(report("json"));
            JsonNode rule = report.required("stopping");
            String leader = rule.required("leader").asString();
            boolean met = rule.required("met").asBoolean();
            List<Condition> conditions = new ArrayList<>();
            for (JsonNode condition : rule.required("conditions")) {
                conditions.add(new Condition(
                        condition.required("name").asString(),
                        condition.required("holds").asBoolean(),
                        condition.required("value").asDouble(),
                        condition.required("threshold").asDouble()));
            }
            List<Arm> arms = new ArrayList<>();
            for (JsonNode arm : report.required("arms")) {
                arms.add(new Arm(
                        arm.required("arm_id").asString(),
                        arm.required("alpha").asDouble(),
                        arm.required("beta").asDouble(),
                        arm.required("impressions").asLong(),
                        arm.path("rate").isNumber() ? arm.path("rate").asDouble() : null,
                        arm.required("mean").asDouble(),
                        arm.required("ci95").required(0).asDouble(),
                        arm.required("ci95").required(1).asDouble(),
                        arm.required("prob_best").asDouble(),
                        arm.required("expected_loss").asDouble()));
            }
            return new Conclusion(met ? "winner" : "undecided", met ? leader : null, leader, conditions, arms);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new CommandFailed("The service did not answer with a report: " + e.getMessage(), e);
        }
    }

    /**
     * Where the experiment stands, by the service.
     *
     * @param format text, markdown or json
     */
    public String report(String format) {
        return service.send("GET", path + "/report?format=" + format);
    }

    /** The same in numbers, with the definition that it is judged by. */
    public ExperimentReport report() {
        try {
            return new ExperimentReport(
                    JsonMapper.shared().readTree(report("json")),
                    JsonMapper.shared().readTree(service.send("GET", path)));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new CommandFailed("The service did not answer with a report: " + e.getMessage(), e);
        }
    }

    /**
     * Has the service give everybody the best arm from now on.
     *
     * @throws CommandFailed if it refuses
     */
    public void conclude() {
        service.send("POST", path + "/conclude");
    }
}
