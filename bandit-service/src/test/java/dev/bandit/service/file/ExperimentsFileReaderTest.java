package dev.bandit.service.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Definition.OnRegression;
import dev.bandit.service.experiment.Definition.PolicyName;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Definition.Stop;
import dev.bandit.service.experiment.Definition.Variant;
import dev.bandit.service.experiment.DefinitionJson;
import dev.bandit.service.experiment.Variants;
import dev.bandit.service.file.ExperimentsFile.Sink;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class ExperimentsFileReaderTest {

    private static final String ARMS = "variants: [{name: a}, {name: b}]";

    @Test
    void least_file_takes_every_default() throws InvalidFile {
        ExperimentsFile file = read("tests: [{test_id: x, variants: [{name: a}, {name: b}]}]");

        assertThat(file.tests()).containsExactly(Map.entry("x", Definition.of(Variants.equal("a", "b"))));
        assertThat(file.sinks()).containsExactly(Sink.POSTGRES);
        assertThat(file.snapshotInterval()).isEqualTo(Duration.ofSeconds(60));
        assertThat(file.csv().folder()).isEqualTo(".");
        assertThat(file.kafka())
                .isEqualTo(new ExperimentsFile.Kafka(
                        null, "web-events", "bandit.rewards", "posteriors_out", "metrics_out"));
        assertThat(file.dynamodb()).isEqualTo(new ExperimentsFile.Dynamodb("ab_posteriors", "us-east-1", null));
        assertThat(file.settings()).isEmpty();
    }

    @Test
    void everything_that_the_file_names_becomes_a_setting() throws InvalidFile {
        ExperimentsFile file = read("""
                output_sink: [kafka, console]
                snapshot_interval: 10s
                csv: {folder: out}
                kafka: {brokers: 'a:9092,b:9092', events_topic: e, rewards_topic: r, posteriors_topic: p, metrics_topic: m}
                dynamodb: {table: t.t, region: eu-west-1, endpoint: http://localhost:8000}
                tests: []
                """);

        assertThat(file.sinks()).containsExactly(Sink.CONSOLE, Sink.KAFKA);
        assertThat(file.kafka()).isEqualTo(new ExperimentsFile.Kafka("a:9092,b:9092", "e", "r", "p", "m"));
        assertThat(file.dynamodb())
                .isEqualTo(new ExperimentsFile.Dynamodb("t.t", "eu-west-1", URI.create("http://localhost:8000")));
        assertThat(file.tests()).isEmpty();
        assertThat(file.settings())
                .containsOnly(
                        Map.entry("bandit.sinks", "kafka,console"),
                        Map.entry("bandit.snapshot.interval", "10s"),
                        Map.entry("bandit.csv.folder", "out"),
                        Map.entry("spring.kafka.bootstrap-servers", "a:9092,b:9092"),
                        Map.entry("bandit.kafka.events-topic", "e"),
                        Map.entry("bandit.kafka.rewards-topic", "r"),
                        Map.entry("bandit.kafka.posteriors-topic", "p"),
                        Map.entry("bandit.kafka.metrics-topic", "m"),
                        Map.entry("bandit.dynamodb.table", "t.t"),
                        Map.entry("bandit.dynamodb.region", "eu-west-1"),
                        Map.entry("bandit.dynamodb.endpoint", "http://localhost:8000"));
    }

    @Test
    void a_name_is_what_is_written_not_what_yaml_1_1_makes_of_it() throws InvalidFile {
        ExperimentsFile file = read("""
                tests:
                  - test_id: 010
                    variants: [{name: on}, {name: yes}, {name: 2020-01-01}, {name: 0x1F}, {name: 1e3}, {name: "null"}]
                """);

        assertThat(file.tests().get("010").variants().names())
                .containsExactly("on", "yes", "2020-01-01", "0x1F", "1e3", "null");
    }

    /** What is wrong, in which line, and a part of the message. */
    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments("", 1, "is empty, expected tests:"),
                arguments("# nothing\n", 1, "is empty"),
                arguments("just text", 1, "is just text, expected fields such as output_sink"),
                arguments("output_sink: [console]\n", 1, "tests: is missing, expected a list of experiments"),
                arguments("tests:\n", 1, "tests: has no value, expected a list"),
                arguments("tests: {test_id: x}\n", 1, "tests: has fields, expected a list"),
                arguments("tests: [\n  {test_id: x\n", 3, "is no YAML: while parsing a flow"),
                arguments("tests:\n\t- test_id: x\n", 2, "is no YAML: a tab cannot stand here, expected spaces"),
                arguments("tests: []\n---\ntests: []\n", 2, "begins a second document, expected one"),
                arguments("tests: &all []\nkafka: *all\n", 2, "has the alias *all, expected what it stands for"),
                arguments("a: " + "[".repeat(30) + "]".repeat(30), 1, "is nested more than 20 deep"),
                arguments("tests: []\ntests: []\n", 2, "tests: is there already in line 1, expected it once"),
                arguments("tests: []\noutput_sinks: [csv]\n", 2, "output_sinks: is unknown, expected output_sink"),
                arguments("tests: []\ncolour: red\n", 2, "colour: is unknown, expected one of output_sink, snapshot_"),
                arguments("tests: []\n? [a]\n: b\n", 2, "is a field without a name"),
                arguments("tests: []\n<<: {a: b}\n", 2, "is unknown"),
                arguments("tests: !!set []\n", 1, "tests: has the tag \"tag:yaml.org,2002:set\", expected a list"),
                arguments("tests: []\noutput_sink: console\n", 2, "output_sink: is console, expected a list such as"),
                arguments("tests: []\noutput_sink: []\n", 2, "output_sink: is empty, expected at least one sink"),
                arguments(
                        "tests: []\noutput_sink:\n- csv\n- disk\n", 4, "output_sink[1]: is \"disk\", expected one of"),
                arguments("tests: []\noutput_sink:\n- csv\n- csv\n", 4, "output_sink[1]: is csv again"),
                arguments("tests: []\nsnapshot_interval: 60\n", 2, "is \"60\", expected a duration such as 30s"),
                arguments("tests: []\nsnapshot_interval: 0s\n", 2, "is 0s, expected whole seconds from 1s to 24h"),
                arguments(
                        "tests: []\nkafka:\n  brokers: localhost\n",
                        3,
                        "kafka.brokers: is \"localhost\", expected host"),
                arguments(
                        "tests: []\nkafka:\n  events_topic: a b\n",
                        3,
                        "kafka.events_topic: is \"a b\", expected a topic"),
                arguments(
                        "tests: []\nkafka:\n  events_topic: t\n  rewards_topic: t\n",
                        4,
                        "kafka.rewards_topic: is \"t\", as kafka.events_topic is"),
                arguments("tests: []\ndynamodb: {table: t}\n", 2, "dynamodb.table: is \"t\", expected 3 to 255"),
                arguments("tests: []\ndynamodb: {region: Mars!}\n", 2, "dynamodb.region: is \"Mars!\""),
                arguments("tests: []\ndynamodb: {endpoint: here}\n", 2, "expected an address such as http://"),
                arguments("tests: []\ncsv: {folder: ''}\n", 2, "csv.folder: is \"\", expected a folder"),
                arguments("tests: []\ncsv: out\n", 2, "csv: is out, expected fields such as folder"),
                arguments("tests: [text]", 1, "tests[0]: is text, expected fields such as test_id, policy"),
                arguments("tests:\n- " + ARMS, 2, "tests[0].test_id: is missing, expected 1 to 128 letters"),
                arguments("tests:\n- test_id: a b\n  " + ARMS, 2, "tests[0].test_id: is \"a b\", expected 1 to 128"),
                arguments("tests:\n- test_id: [a]\n  " + ARMS, 2, "tests[0].test_id: is a list, expected text"),
                arguments(
                        "tests:\n- test_id: a\n  " + ARMS + "\n- test_id: a\n  " + ARMS,
                        4,
                        "tests[1].test_id: is \"a\", as an earlier test's is"),
                arguments("tests:\n- test_id: x\n", 2, "tests[0].variants: is missing, expected 2 to 10000 arms"),
                arguments("tests:\n- test_id: x\n  varients: []\n", 3, "varients: is unknown, expected variants"),
                arguments("tests:\n- test_id: x\n  variants: [{name: a}]\n", 3, "variants: has 1 arms, expected 2"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - name: a\n  - nam: b\n",
                        5,
                        "variants[1].nam: is unknown"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - name: a\n  - name: a\n", 5, "expected distinct names"),
                arguments("tests:\n- test_id: x\n  variants:\n  - name: a\n  - control: true\n", 5, "name: is missing"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - name: a\n  - b\n",
                        5,
                        "variants[1]: is b, expected fields"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - {name: a, control: true}\n  - {name: b, control: true}\n",
                        5,
                        "variants[1].control: is true, and so is variants[0].control"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - {name: a, control: yes}\n  - {name: b}\n",
                        4,
                        "control: is yes, expected true or false"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - {name: a, allocation: 0.5}\n  - {name: b, allocation: 0.6}\n",
                        3,
                        "variants: has allocations that sum to 1.1, expected a sum of 1"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - {name: a, allocation: 0.5}\n  - {name: b}\n",
                        5,
                        "variants[1].allocation: is missing, expected an allocation for every arm or for none"),
                arguments(
                        "tests:\n- test_id: x\n  variants:\n  - {name: a, allocation: 1.5}\n  - {name: b, allocation: 0}\n",
                        4,
                        "variants[0].allocation: is 1.5, expected 0 to 1"),
                arguments(test("policy: bandit"), 3, "policy: is \"bandit\", expected one of thompson, top_two"),
                arguments(test("epsilon: \"0.1\""), 3, "epsilon: is the text \"0.1\", expected a number such as 0.5"),
                arguments(test("epsilon: 010"), 3, "epsilon: is 010, expected a number"),
                arguments(test("epsilon: .5"), 3, "epsilon: is .5, expected a number"),
                arguments(test("epsilon: 1_0"), 3, "epsilon: is 1_0, expected a number"),
                arguments(test("epsilon: .inf"), 3, "epsilon: is .inf, expected a number"),
                arguments(test("epsilon: 1e999"), 3, "epsilon: is 1e999, expected a number"),
                arguments(test("epsilon: 2"), 3, "epsilon: is 2.0, expected 0 to 1"),
                arguments(test("epsilon: ~"), 3, "epsilon: has no value, expected a number"),
                arguments(test("prior: {alpha: 0}"), 3, "tests[0].prior.alpha: is 0.0, expected"),
                arguments(test("prior:\n    alpha: 1\n    gamma: 1"), 5, "tests[0].prior.gamma: is unknown"),
                arguments(test("feedback: clicks"), 3, "feedback: is \"clicks\", expected one of explicit"),
                arguments(test("feedback: window"), 2, "window: is missing, expected a duration such as 15m"),
                arguments(test("window: 15m"), 3, "window: is set, expected none with feedback explicit"),
                arguments(test("feedback: window\n  window: soon"), 4, "window: is \"soon\", expected a duration"),
                arguments(
                        test("exposure_event: A\n  success_event: A"),
                        4,
                        "success_event: is \"A\", the exposure_event"),
                arguments(test("min_allocation: 0.6"), 3, "min_allocation: is 0.6, expected 0 to 0.5 (1 / 2 arms)"),
                arguments(test("sticky_ttl: 1000d"), 3, "sticky_ttl: is 1000d, expected whole seconds"),
                arguments(test("reward_ack: maybe"), 3, "reward_ack: is \"maybe\", expected one of store, ledger"),
                arguments(test("decision_ack: 1"), 3, "decision_ack: is \"1\", expected one of journal"),
                arguments(test("guardrails: {power: 1}"), 3, "guardrails.power: is 1.0, expected more than 0 and less"),
                arguments(test("stop: {min_decisions_per_arm: 1.0}"), 3, "is 1.0, expected a whole number"),
                arguments(
                        test("stop: {min_decisions_per_arm: -1}"), 3, "stop.min_decisions_per_arm: is -1, expected 0"),
                arguments(test("stop: {minRuntime: 72h}"), 3, "stop.minRuntime: is unknown, expected min_runtime"),
                arguments("tests: []\nkafka: {brokers: a\u0000b}\n", 2, "has the character U+0000, expected text"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void a_mistake_is_told_once_with_its_line_and_what_was_expected(String yaml, int line, String message) {
        InvalidFile refused = refused(yaml);

        assertThat(refused).hasMessageContaining(message);
        assertThat(refused.mistakes()).as(refused.getMessage()).hasSize(1);
        assertThat(refused.mistakes().getFirst().line())
                .as(refused.getMessage())
                .isEqualTo(line);
        assertThat(refused.mistakes().getFirst().message()).contains("expected");
        assertThat(refused.getMessage()).startsWith("f.yaml:" + line + ":");
    }

    @Test
    void every_mistake_is_told_in_the_order_of_the_file() {
        assertThat(refused("""
                output_sink: [disk, kafka, tape]
                snapshot_interval: 1
                kafka: {brokers: x, topic: y}
                tests:
                  - test_id: a
                    policy: thomson
                    epsilon: 3
                    prior: {alpha: 0, beta: -1}
                    feedback: windo
                    window: 15m
                    variants:
                      - {name: a b, allocation: 2}
                      - {name: b, allocation: x}
                      - {name: b, alocation: 0.1}
                    min_allocation: 0.9
                    stop: {prob_best: 2, max_expected_loss: 2}
                  - test_id: a
                    variants: [{name: x}]
                    min_allocation: -1
                    guardrails: {alpha: 1, power: 0}
                  - variants: 5
                """)).hasMessage("""
                        f.yaml:1:15: output_sink[0]: is "disk", expected one of postgres, console, csv, dynamodb, kafka
                        f.yaml:1:28: output_sink[2]: is "tape", expected one of postgres, console, csv, dynamodb, kafka
                        f.yaml:2:20: snapshot_interval: is "1", expected a duration such as 30s, 15m, 72h or 7d
                        f.yaml:3:18: kafka.brokers: is "x", expected host:port, several with commas
                        f.yaml:3:21: kafka.topic: is unknown, expected one of brokers, events_topic, rewards_topic, posteriors_topic, metrics_topic
                        f.yaml:6:13: tests[0].policy: is "thomson", expected one of thompson, top_two, fixed, epsilon_greedy
                        f.yaml:7:14: tests[0].epsilon: is 3.0, expected 0 to 1
                        f.yaml:8:20: tests[0].prior.alpha: is 0.0, expected 1.0E-6 to 1000000
                        f.yaml:8:29: tests[0].prior.beta: is -1.0, expected 1.0E-6 to 1000000
                        f.yaml:9:15: tests[0].feedback: is "windo", expected one of explicit, exposure, window
                        f.yaml:12:16: tests[0].variants[0].name: is "a b", expected 1 to 128 letters, digits, dots, underscores or hyphens
                        f.yaml:12:33: tests[0].variants[0].allocation: is 2.0, expected 0 to 1
                        f.yaml:13:31: tests[0].variants[1].allocation: is x, expected a number such as 0.5, without quotes
                        f.yaml:14:16: tests[0].variants[2].name: is "b", the name of variants[1] too, expected distinct names
                        f.yaml:14:19: tests[0].variants[2].alocation: is unknown, expected allocation
                        f.yaml:15:21: tests[0].min_allocation: is 0.9, expected 0 to 0.3333333333333333 (1 / 3 arms)
                        f.yaml:16:23: tests[0].stop.prob_best: is 2.0, expected 0 to 1
                        f.yaml:16:45: tests[0].stop.max_expected_loss: is 2.0, expected 0 to 1
                        f.yaml:17:14: tests[1].test_id: is "a", as an earlier test's is, expected an id of its own
                        f.yaml:18:5: tests[1].variants: has 1 arms, expected 2 to 10000
                        f.yaml:19:21: tests[1].min_allocation: is -1.0, expected 0 to 0.5 (1 / 2 arms)
                        f.yaml:20:25: tests[1].guardrails.alpha: is 1.0, expected more than 0 and less than 1
                        f.yaml:20:35: tests[1].guardrails.power: is 0.0, expected more than 0 and less than 1
                        f.yaml:21:5: tests[2].test_id: is missing, expected 1 to 128 letters, digits, dots, underscores or hyphens
                        f.yaml:21:15: tests[2].variants: is 5, expected a list""");
    }

    @Test
    void a_hopeless_file_is_told_in_fifty_lines_and_a_word() {
        StringBuilder yaml = new StringBuilder("tests:\n");
        for (int i = 0; i < 1_000; i++) {
            yaml.append("- test_id: x").append(i).append("\n  policy: 5\n");
        }

        assertThat(refused(yaml.toString()).mistakes()).hasSizeBetween(50, 51);
    }

    @Test
    void what_is_no_utf_8_or_too_large_is_refused() {
        assertThat(refused(new byte[] {'t', '\n', 'a', (byte) 0xff}))
                .hasMessage("f.yaml:2:2: has bytes that are no text, expected UTF-8");
        assertThat(refused(new byte[(16 << 20) + 1])).hasMessageContaining("expected at most 16777216 (16 MB)");
    }

    @Test
    void a_file_that_is_not_there_is_told() {
        assertThat(catchThrowableOfType(InvalidFile.class, () -> ExperimentsFileReader.read(Path.of("nowhere.yaml"))))
                .hasMessage("nowhere.yaml: there is no such file");
    }

    /** JSON is YAML: what the API answers with can be put into the file. */
    @Test
    void what_the_api_writes_reads_back_as_the_same_definitions() throws InvalidFile {
        JsonMapper json = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
                .build();
        SplittableRandom random = new SplittableRandom(20_261_122);
        Map<String, Definition> written = new LinkedHashMap<>();
        List<Map<String, Object>> tests = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Definition definition = any(random);
            written.put("t" + i, definition);
            @SuppressWarnings("unchecked")
            Map<String, Object> fields = json.convertValue(DefinitionJson.from(definition), LinkedHashMap.class);
            fields.put("test_id", "t" + i);
            tests.add(fields);
        }

        ExperimentsFile file = read(json.writerWithDefaultPrettyPrinter().writeValueAsString(Map.of("tests", tests)));

        assertThat(file.tests()).isEqualTo(written);
    }

    private static Definition any(SplittableRandom random) {
        int arms = random.nextInt(2, 12);
        List<Variant> variants = new ArrayList<>();
        for (int i = 0; i < arms; i++) {
            variants.add(new Variant("arm-" + i, 1.0 / arms, i == arms / 2));
        }
        Feedback feedback = Feedback.values()[random.nextInt(3)];
        return Definition.of(Variants.of(variants)).toBuilder()
                .policy(PolicyName.values()[random.nextInt(4)])
                .epsilon(random.nextDouble())
                .prior(new Prior(random.nextInt(1, 1_000_000) / 1e6, random.nextInt(1, 1_000)))
                .feedback(feedback)
                .window(feedback == Feedback.WINDOW ? Duration.ofSeconds(random.nextInt(1, 10_000)) : null)
                .exposureEvent(random.nextBoolean() ? "Shown: \"" + random.nextInt(9) + "\" #1" : null)
                .successEvent(random.nextBoolean() ? "öffnet" : null)
                .minAllocation(random.nextDouble() / arms)
                .stickyTtl(random.nextBoolean() ? Duration.ofHours(random.nextInt(1, 1_000)) : null)
                .guardrails(new Guardrails(
                        random.nextDouble(),
                        100 * random.nextDouble(),
                        0.01,
                        0.99,
                        OnRegression.values()[random.nextInt(2)]))
                .stop(new Stop(
                        random.nextDouble(),
                        1e-7,
                        random.nextBoolean() ? random.nextDouble() : null,
                        random.nextLong(1_000_000),
                        Duration.ofDays(3),
                        random.nextBoolean()))
                .build();
    }

    /** A test in line 2, with these fields from line 3. */
    private static String test(String fields) {
        return "tests:\n- test_id: x\n  " + fields + "\n  " + ARMS + "\n";
    }

    private static ExperimentsFile read(String yaml) throws InvalidFile {
        return ExperimentsFileReader.read("f.yaml", yaml.getBytes(StandardCharsets.UTF_8))
                .file();
    }

    private static InvalidFile refused(String yaml) {
        return refused(yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static InvalidFile refused(byte[] content) {
        return catchThrowableOfType(InvalidFile.class, () -> ExperimentsFileReader.read("f.yaml", content));
    }
}
