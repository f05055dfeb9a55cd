package dev.bandit.service.file;

import dev.bandit.service.file.Shape.Field;
import dev.bandit.service.file.Shape.Fields;
import dev.bandit.service.file.Shape.Items;
import dev.bandit.service.file.Shape.Scalar;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON Schema (draft 2020-12) of {@code experiments.yaml}, for editors. The reader knows more than a schema can say. */
public final class FileSchema {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final DefaultIndenter TWO_SPACES = new DefaultIndenter("  ", "\n");

    private FileSchema() {}

    /** The schema as text, with a line break at its end. */
    public static String text() {
        ObjectNode root = JSON.createObjectNode();
        root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        root.put("title", "Bandit's experiments.yaml");
        root.setAll(schema(Shape.FILE, null, null));
        return JSON.writer()
                        .with(new DefaultPrettyPrinter()
                                .withObjectIndenter(TWO_SPACES)
                                .withArrayIndenter(TWO_SPACES))
                        .writeValueAsString(root)
                + "\n";
    }

    private static ObjectNode schema(Shape shape, @Nullable Schema schema, @Nullable ArraySchema array) {
        ObjectNode json = JSON.createObjectNode();
        if (schema != null && !schema.description().isEmpty()) {
            json.put("description", schema.description());
        }
        json.put(
                "type",
                switch (shape) {
                    case Fields _ -> "object";
                    case Items _ -> "array";
                    case Scalar scalar ->
                        switch (scalar) {
                            case TEXT -> "string";
                            case NUMBER -> "number";
                            case WHOLE -> "integer";
                            case BOOLEAN -> "boolean";
                        };
                });
        if (schema != null) {
            constrain(json, shape, schema);
        }
        switch (shape) {
            case Fields fields -> addFields(json, fields);
            case Items items -> addItems(json, items, array);
            case Scalar _ -> {
                // said already
            }
        }
        return json;
    }

    private static void constrain(ObjectNode json, Shape shape, Schema schema) {
        if (schema.allowableValues().length > 0) {
            json.set("enum", JSON.valueToTree(schema.allowableValues()));
        }
        if (!schema.pattern().isEmpty()) {
            json.put("pattern", schema.pattern());
        }
        if (!schema.minimum().isEmpty()) {
            json.set(schema.exclusiveMinimum() ? "exclusiveMinimum" : "minimum", JSON.readTree(schema.minimum()));
        }
        if (!schema.maximum().isEmpty()) {
            json.set(schema.exclusiveMaximum() ? "exclusiveMaximum" : "maximum", JSON.readTree(schema.maximum()));
        }
        if (!schema.defaultValue().isEmpty()) {
            json.set("default", value(shape, schema.defaultValue()));
        }
        if (!schema.example().isEmpty()) {
            json.set("examples", JSON.valueToTree(List.of(value(shape, schema.example()))));
        }
    }

    private static JsonNode value(Shape shape, String text) {
        return shape == Scalar.TEXT ? JSON.valueToTree(text) : JSON.readTree(text);
    }

    private static void addFields(ObjectNode json, Fields fields) {
        json.put("additionalProperties", false);
        ArrayNode required = JSON.createArrayNode();
        fields.fields().forEach((name, field) -> {
            if (field.required()) {
                required.add(name);
            }
        });
        if (!required.isEmpty()) {
            json.set("required", required);
        }
        ObjectNode properties = json.putObject("properties");
        for (var entry : fields.fields().entrySet()) {
            Field field = entry.getValue();
            properties.set(entry.getKey(), schema(field.shape(), field.schema(), field.array()));
        }
    }

    private static void addItems(ObjectNode json, Items items, @Nullable ArraySchema array) {
        if (array != null && array.minItems() != Integer.MAX_VALUE) {
            json.put("minItems", array.minItems());
        }
        if (array != null && array.maxItems() != Integer.MIN_VALUE) {
            json.put("maxItems", array.maxItems());
        }
        if (array != null && array.uniqueItems()) {
            json.put("uniqueItems", true);
        }
        json.set("items", schema(items.each(), items.eachSchema(), null));
    }
}
