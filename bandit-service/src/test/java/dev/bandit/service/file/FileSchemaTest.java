package dev.bandit.service.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Label;
import dev.bandit.service.file.ExperimentsFile.Sink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FileSchemaTest {

    private static final Path SCHEMA = Path.of("../docs/experiments.schema.json");
    private static final Path EXAMPLE = Path.of("../docs/experiments.yaml");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Test
    void the_schema_in_the_docs_is_current() throws IOException {
        if (Boolean.getBoolean("bandit.write-docs")) {
            Files.writeString(SCHEMA, FileSchema.text());
        }
        assertThat(SCHEMA)
                .as("Write it anew: ./bandit schema > docs/experiments.schema.json")
                .hasContent(FileSchema.text());
    }

    @Test
    void the_example_in_the_docs_is_valid_and_names_only_defaults() throws InvalidFile {
        ExperimentsFile example = ExperimentsFileReader.read(EXAMPLE);

        assertThat(example.tests()).containsOnlyKeys("button-color-test", "headline-test");
        assertThat(example.tests().get("button-color-test").feedback()).isEqualTo(Definition.Feedback.EXPOSURE);
        assertThat(example.sinks()).containsExactly(Sink.POSTGRES);
    }

    @Test
    void the_schema_offers_the_choices_there_are() {
        JsonNode file = JSON.readTree(FileSchema.text()).get("properties");
        JsonNode test = file.at("/tests/items/properties");

        assertThat(choices(file.at("/output_sink/items"))).isEqualTo(labels(Sink.values()));
        assertThat(choices(test.get("policy"))).isEqualTo(labels(Definition.PolicyName.values()));
        assertThat(choices(test.get("feedback"))).isEqualTo(labels(Definition.Feedback.values()));
        assertThat(choices(test.get("reward_ack"))).isEqualTo(labels(Definition.RewardAck.values()));
        assertThat(choices(test.get("decision_ack"))).isEqualTo(labels(Definition.DecisionAck.values()));
        assertThat(test.at("/variants/items/required").toString()).isEqualTo("[\"name\"]");
    }

    private static String choices(JsonNode schema) {
        return schema.get("enum").toString();
    }

    private static String labels(Label... labels) {
        return JSON.valueToTree(Arrays.stream(labels).map(Label::label).toList())
                .toString();
    }
}
