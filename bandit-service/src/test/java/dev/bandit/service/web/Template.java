package dev.bandit.service.web;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A valid request and what is known of its fields, so that it can be spoiled on purpose.
 *
 * @param json the body, an object
 */
record Template(String method, String path, String json, List<Field> fields) {

    /** What a field's value has to be. */
    enum Kind {
        TEXT("1", "-1.5", "true", "[]", "{}", "[\"a\"]"),
        NUMBER("\"1\"", "\"\"", "\"NaN\"", "\"Infinity\"", "true", "false", "[]", "{}", "[1]", "1e400", "-1e99999"),
        WHOLE("\"1\"", "\"\"", "\"NaN\"", "true", "[]", "{}", "[1]", "1.5", "1e2", "1e400", "99999999999999999999"),
        BOOLEAN("\"true\"", "\"\"", "0", "1", "0.5", "[]", "{}"),
        ARRAY("{}", "\"a\"", "\"\"", "1", "true"),
        OBJECT("[]", "\"a\"", "\"\"", "1", "true", "[{}]");

        final List<String> others;

        Kind(String... others) {
            this.others = List.of(others);
        }
    }

    /**
     * A field by its path such as {@code stop.prob_best} or {@code variants[0].name}.
     *
     * @param bad values of the right type that must be refused, as JSON
     */
    record Field(String path, Kind kind, boolean required, List<String> bad) {

        /** The path as RFC 6901 has it. */
        String pointer() {
            return "/" + path.replace("[", "/").replace("]", "").replace('.', '/');
        }
    }

    static Field required(String path, Kind kind, String... bad) {
        return new Field(path, kind, true, List.of(bad));
    }

    static Field optional(String path, Kind kind, String... bad) {
        return new Field(path, kind, false, List.of(bad));
    }

    /** The template as the only item of a batch. */
    Template batch(String batchPath, String array) {
        Stream<Field> items = fields.stream()
                .map(field -> new Field(array + "[0]." + field.path(), field.kind(), field.required(), field.bad()));
        Field list = required(
                array, Kind.ARRAY, "[]", "[null]", "[1]", "[[]]", "[\"a\"]", "[" + "{},".repeat(1_000) + "{}]");
        Field item = optional(array + "[0]", Kind.OBJECT);
        return new Template(
                method,
                batchPath,
                "{\"" + array + "\":[" + json + "]}",
                Stream.concat(Stream.of(list, item), items).toList());
    }

    ObjectNode body() {
        return (ObjectNode) JsonMapper.shared().readTree(json);
    }

    boolean isBatch() {
        return path.endsWith("/batch");
    }
}
