package dev.bandit.service.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bandit.service.testing.DynamoDbLocal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BanditCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<String> requests = new ArrayList<>();
    private int status = 200;
    private String body = "{\"ok\": true, \"experiments\": []}";
    private HttpServer service;

    @BeforeEach
    void listen() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        service.start();
    }

    @AfterEach
    void close() {
        service.stop(0);
    }

    @Test
    void audit_asks_for_all_experiments_or_for_one() {
        assertThat(run("audit", "--url", url())).isZero();
        assertThat(run("audit", "the one&only", "--url", url() + "/")).isZero();

        assertThat(requests).containsExactly("POST /admin/audit", "POST /admin/audit?experiment=the+one%26only");
        assertThat(out).asString().contains("There are no experiments.");
    }

    @Test
    void agreement_is_a_table_and_success() {
        body = """
                {"ok": true, "experiments": [
                  {"experiment_id": "hello", "ok": true, "decisions": 1200, "outcomes": 800, "differences": [], "newer_field": 1}]}
                """;

        assertThat(run("audit", "--url", url())).isZero();
        assertThat(out.toString().lines())
                .satisfiesExactly(
                        header -> assertThat(header).matches("EXPERIMENT +DECISIONS +OUTCOMES *"),
                        row -> assertThat(row).matches("hello +1200 +800  agrees"));
    }

    @Test
    void a_difference_is_told_and_fails() {
        body = """
                {"ok": false, "experiments": [
                  {"experiment_id": "hello", "ok": false, "decisions": 3, "outcomes": 2, "differences": ["arm a: alpha is '2'"]}]}
                """;

        assertThat(run("rebuild", "hello", "--url", url())).isEqualTo(1);
        assertThat(out).asString().contains("DIFFERS").contains("hello: arm a: alpha is '2'");
    }

    @Test
    void a_problem_answer_is_told_by_its_detail() {
        status = 404;
        body = "{\"title\": \"Not Found\", \"detail\": \"There is no experiment 'x'\"}";

        assertThat(run("audit", "x", "--url", url())).isEqualTo(1);
        assertThat(err).asString().isEqualToIgnoringNewLines("The service answered 404: There is no experiment 'x'");
    }

    @Test
    void an_absent_service_is_told_in_one_sentence() {
        service.stop(0);

        assertThat(run("audit", "--url", url())).isEqualTo(1);
        assertThat(err).asString().hasLineCount(1).startsWith("No service answers at " + url());
    }

    @Test
    void an_address_that_is_none_is_told_in_one_sentence() {
        assertThat(run("audit", "--url", "ftp://x")).isEqualTo(1);
        assertThat(err).asString().hasLineCount(1).contains("is no http address");
    }

    @Test
    void validate_tells_each_test_in_a_line() {
        assertThat(run("validate", "../docs/experiments.yaml")).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "button-color-test: thompson, exposure (ButtonDisplayed -> ButtonClicked), 2 arms: control (control), treatment",
                        "headline-test: thompson, explicit, 3 arms: question (control), claim, number",
                        "../docs/experiments.yaml: 2 tests, no mistakes");
    }

    @Test
    void validate_tells_every_mistake_and_fails(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("e.yaml"), "tests: 1\ncolour: red\n");

        assertThat(run("validate", file.toString())).isEqualTo(1);
        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo(file + ":1:8: tests: is 1, expected a list"),
                        line -> assertThat(line).startsWith(file + ":2:1: colour: is unknown, expected one of"));
        assertThat(run("validate", folder.resolve("none").toString())).isEqualTo(1);
    }

    @Test
    void schema_is_json_on_standard_output() {
        assertThat(run("schema")).isZero();
        assertThat(out).asString().startsWith("{").contains("https://json-schema.org/draft/2020-12/schema");
    }

    @Test
    void wrong_usage_exits_with_2() {
        assertThat(run("validate")).isEqualTo(2);
        assertThat(run("audit", "--prot", "1")).isEqualTo(2);
        assertThat(run("juggle")).isEqualTo(2);
        assertThat(run("serve", "--port", "many")).isEqualTo(2);
        assertThat(run("serve", "--port", "65536")).isEqualTo(2);
        assertThat(run("serve", "--port=-1")).isEqualTo(2);
        assertThat(run("serve", "--prot=1")).isEqualTo(2);
        assertThat(run("analyze")).isEqualTo(2);
        assertThat(run("analyze", "x.csv", "--format", "xml")).isEqualTo(2);
        assertThat(run("analyze", "x.csv", "--region", "eu-west-1")).isEqualTo(2);
        assertThat(run("analyze", "dynamodb:")).isEqualTo(2);
        assertThat(run("analyze", "dynamodb:posteriors", "--endpoint", "localhost:8000"))
                .isEqualTo(2);
        assertThat(run("traffic", "--prob", "a=0.5")).isEqualTo(2);
        assertThat(run("traffic", "--config", "x.yaml")).isEqualTo(2);
        assertThat(run("traffic", "--config", "x.yaml", "--prob", "a=1.5")).isEqualTo(2);
        assertThat(run("traffic", "--config", "x.yaml", "--prob", "a=0.5", "--eps", "-1"))
                .isEqualTo(2);
        assertThat(run("traffic", "--http", url(), "--prob", "a=0.5", "--from", "x.jsonl"))
                .isEqualTo(2);
        assertThat(run("traffic", "--http", url(), "--prob", "a=0.5")).isEqualTo(2);
        assertThat(run("plan", "--traffic", "10")).isEqualTo(2);
        assertThat(run("plan", "--traffic", "10", "--prob", "a=0.1,b=1.5")).isEqualTo(2);
        assertThat(requests).isEmpty();
    }

    @Test
    void a_plan_is_told_in_text_or_json() {
        String[] plan = {"plan", "--prob", "control=0.1,treatment=0.2", "--traffic", "500", "--replications", "50"};
        assertThat(run(plan)).isZero();
        assertThat(out).asString().contains("Days to a verdict, median", "Recommendation: ");
        out.getBuffer().setLength(0);
        assertThat(run(join(plan, "--format", "json"))).isZero();
        assertThat(out).asString().startsWith("{").contains("\"recommendation\"", "\"lost_successes\"");
        assertThat(requests).isEmpty();
    }

    @Test
    void a_plan_takes_what_the_file_says_of_the_test(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("experiments.yaml"), """
                tests:
                  - test_id: colour
                    prior: {alpha: 3, beta: 30}
                    variants: [{name: blue}, {name: red}, {name: green, control: true}, {name: old, paused: true}]
                    min_allocation: 0.04
                    guardrails: {min_lift: 0.07, alpha: 0.02}
                    stop: {prob_best: 0.9, min_decisions_per_arm: 50, min_runtime: 24h}
                  - test_id: size
                    variants: [{name: a}, {name: b}]
                """);
        String[] plan = {
            "plan", "--config", file.toString(), "--traffic", "500", "--replications", "50", "--max-days", "5"
        };
        String[] colour = join(plan, "--test", "colour", "--prob", "red=0.12,blue=0.11,green=0.1");
        assertThat(run(colour)).isZero();
        assertThat(out)
                .asString()
                .contains(
                        "green 10 %, blue 11 %, red 12 % (the first is the control)",
                        "from Beta(3.0, 30.0), every arm at least 4 %, until P(best) is 0.9 and",
                        "at least 50 decisions an arm and 24h",
                        "(one-sided, alpha 0.02,",
                        "a lift from 10 % to 17 %");
        out.getBuffer().setLength(0);
        assertThat(run(join(colour, "--prob-best", "0.8", "--min-lift", "0.05", "--min-allocation", "0.01")))
                .isZero();
        assertThat(out).asString().contains("every arm at least 1 %, until P(best) is 0.8", "to 15 %");

        refused("--test is missing, expected one of colour, size", join(plan, "--prob", "a=0.1,b=0.2"));
        refused("--test is \"x\", expected one of colour, size", join(plan, "--prob", "a=0.1,b=0.2", "--test", "x"));
        refused(
                "--prob has a, c, expected a rate for each of a, b",
                join(plan, "--prob", "a=0.1,c=0.2", "--test", "size"));
        refused("--test says which test of a file", "plan", "--prob", "a=0.1,b=0.2", "--traffic", "9", "--test", "x");

        Files.writeString(file, "tests: [{test_id: colour}]");
        err.getBuffer().setLength(0);
        assertThat(run(colour)).isEqualTo(1);
        assertThat(err).asString().contains("experiments.yaml", "variants");
    }

    private void refused(String why, String... command) {
        err.getBuffer().setLength(0);
        assertThat(run(command)).isEqualTo(2);
        assertThat(err).asString().startsWith(why);
    }

    @Test
    void a_plan_that_cannot_stand_is_told_in_one_sentence() {
        assertThat(run("plan", "--traffic", "0", "--prob", "a=0.1,b=0.2")).isEqualTo(2);
        assertThat(err).asString().startsWith("traffic is 0, expected 1 to 100000000" + System.lineSeparator());
    }

    private static String[] join(String[] some, String... others) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(others)).toArray(String[]::new);
    }

    @Test
    void what_an_unknown_option_was_given_is_not_shown() {
        for (var command : List.of("serve", "engine", "audit", "traffic", "analyze")) {
            assertThat(run(command, "--redis-url=redis://:hunter2@db")).isEqualTo(2);
            assertThat(run(command, "--redis-url", "hunter2")).isEqualTo(2);
            assertThat(run(command, "-p=hunter2", "--password", "hunter2")).isEqualTo(2);
        }
        assertThat(run("serve", "--spring.datasource.password", "hunter2")).isEqualTo(2);
        assertThat(run("hunter=hunter2")).isEqualTo(2);

        assertThat(err)
                .asString()
                .doesNotContain("hunter2")
                .contains("Unknown option: '--redis-url'", "Unknown argument: 'hunter'", "a property is --name=value");
    }

    @Test
    void a_file_that_is_none_is_told_in_one_sentence() {
        assertThat(run("analyze", "no-such-file.csv")).isEqualTo(1);
        assertThat(err)
                .asString()
                .isEqualToIgnoringNewLines(
                        "no-such-file.csv: does not exist, expected a file or a folder of snapshots");
    }

    @Test
    void a_table_that_cannot_be_read_is_told_in_one_sentence() {
        DynamoDbLocal.logIn();
        service.stop(0);

        assertThat(run("analyze", "dynamodb:posteriors", "--endpoint", url())).isEqualTo(1);
        assertThat(err).asString().hasLineCount(1).startsWith("dynamodb:posteriors: cannot be read: ");
    }

    private String url() {
        return "http://127.0.0.1:" + service.getAddress().getPort();
    }

    private int run(String... args) {
        return BanditCommand.commandLine(Object.class)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }
}
