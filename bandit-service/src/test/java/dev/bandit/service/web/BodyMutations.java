package dev.bandit.service.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.bandit.service.web.Template.Field;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Spoils the body of a valid request in one way, after which it cannot be valid. */
final class BodyMutations {

    private static final String JSON = "Content-Type: application/json";
    /** No JSON value at all. */
    private static final List<String> NO_VALUES = List.of(
            "NaN",
            "Infinity",
            "-Infinity",
            "0x1",
            "01",
            "+1",
            ".5",
            "1.",
            "1e",
            "--1",
            "undefined",
            "True",
            "'a'",
            "\"a",
            "\"\\x\"",
            "\"a\nb\"",
            "\"\\u12\"",
            "[1,]",
            "{,}",
            "{\"a\"}",
            "/**/1",
            "",
            "1 2",
            "[1",
            "{\"a\":1",
            "\u0001");

    private final Random random;

    BodyMutations(Random random) {
        this.random = random;
    }

    Malformed next(Template template) {
        return switch (random.nextInt(16)) {
            case 0, 1, 2 -> wrongType(template);
            case 3, 4, 5 -> badValue(template);
            case 6 -> noValue(template);
            case 7 -> unknownField(template);
            case 8 -> missing(template);
            case 9 -> duplicate(template);
            case 10 -> truncated(template);
            case 11 -> trailing(template);
            case 12 -> noObject(template);
            case 13 -> beyondLimits(template);
            case 14 -> badBytes(template);
            default -> mediaType(template);
        };
    }

    /** Every field of another type and with every value that must be refused: the answer must name it. */
    Stream<Malformed> each(Template template) {
        return template.fields().stream()
                .flatMap(field -> Stream.concat(
                        field.kind().others.stream().map(value -> with(template, field, value, "of another type")),
                        field.bad().stream().map(value -> with(template, field, value, "out of range"))));
    }

    private Malformed wrongType(Template template) {
        Field field = any(template.fields());
        String value = any(field.kind().others);
        return with(template, field, value, "of another type");
    }

    private Malformed badValue(Template template) {
        List<Field> choices = template.fields().stream()
                .filter(field -> !field.bad().isEmpty())
                .toList();
        if (choices.isEmpty()) {
            return wrongType(template);
        }
        Field field = any(choices);
        String value = any(field.bad());
        byte[] body = body(set(template, field, value));
        return malformed(template, field.path() + " is " + shorten(value), body, null);
    }

    private Malformed noValue(Template template) {
        Field field = any(template.fields());
        String value = any(NO_VALUES);
        return malformed(template, field.path() + " is no JSON: " + value, body(set(template, field, value)), null);
    }

    private Malformed unknownField(Template template) {
        String name = any(List.of(
                "foo", "Reward", "experimentId", "__proto__", "", "ä", "reward ", "id", "class", "decision-id"));
        ObjectNode body = template.body();
        List<ObjectNode> objects = Stream.concat(Stream.of(body), objects(body)).toList();
        any(objects).putRawValue(name, new RawValue(any(List.of("1", "null", "{}", "\"x\"", "[]"))));
        return malformed(template, "unknown field " + name, body(body), null);
    }

    private Malformed missing(Template template) {
        List<Field> choices = template.fields().stream().filter(Field::required).toList();
        if (choices.isEmpty()) {
            return noObject(template);
        }
        Field field = any(choices);
        if (random.nextBoolean()) {
            return malformed(template, field.path() + " is null", body(set(template, field, "null")), null);
        }
        ObjectNode body = template.body();
        JsonPointer pointer = JsonPointer.compile(field.pointer());
        JsonNode parent = body.at(pointer.head());
        if (parent instanceof ObjectNode object) {
            object.remove(pointer.last().getMatchingProperty());
        }
        return malformed(template, field.path() + " is missing", body(body), null);
    }

    private Malformed duplicate(Template template) {
        String text = template.json();
        String first = template.body().propertyNames().iterator().next();
        String value = template.body().get(first).toString();
        return malformed(
                template,
                first + " twice",
                ("{\"" + first + "\":" + value + "," + text.substring(1)).getBytes(UTF_8),
                null);
    }

    private Malformed truncated(Template template) {
        byte[] whole = body(template.body());
        byte[] body = java.util.Arrays.copyOf(whole, 1 + random.nextInt(whole.length - 1));
        return malformed(template, "cut at " + body.length, body, null);
    }

    private Malformed trailing(Template template) {
        String more = any(List.of("x", "{}", ",", "]", "}", "null", "1", "\"\"", "//", "\u0000", template.json()));
        return malformed(template, "followed by " + shorten(more), (template.json() + more).getBytes(UTF_8), null);
    }

    private Malformed noObject(Template template) {
        String body = any(List.of(
                "[]",
                "1",
                "\"x\"",
                "true",
                "null",
                " ",
                "[" + template.json() + "]",
                "\"" + "x".repeat(50) + "\"",
                "-",
                "<xml/>"));
        boolean optional = template.path().endsWith("/conclude") && (body.isBlank() || body.equals("null"));
        return optional
                ? trailing(template)
                : malformed(template, "body is " + shorten(body), body.getBytes(UTF_8), null);
    }

    private Malformed beyondLimits(Template template) {
        int depth = 33 + random.nextInt(20_000);
        String value = switch (random.nextInt(5)) {
            case 0 -> "[".repeat(depth) + "]".repeat(depth);
            case 1 -> "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
            case 2 -> "[".repeat(depth);
            case 3 -> "9".repeat(65 + random.nextInt(5_000));
            default -> "\"" + "a".repeat(4_097 + random.nextInt(100_000)) + "\"";
        };
        Field field = any(template.fields());
        return malformed(template, field.path() + " is " + shorten(value), body(set(template, field, value)), null);
    }

    private Malformed badBytes(Template template) {
        byte[] body = body(template.body());
        byte[] spoiled = body.clone();
        // 0xff, 0xfe and 0xc0 stand nowhere in UTF-8; a control character stands nowhere in JSON but between values.
        int quote = template.json().indexOf('"');
        spoiled[quote + 1] = any(List.of((byte) 0xff, (byte) 0xfe, (byte) 0xc0, (byte) 0, (byte) 7, (byte) 27));
        if (random.nextInt(4) == 0) {
            byte[] utf16 = template.json().getBytes(java.nio.charset.StandardCharsets.UTF_16);
            return malformed(template, "in UTF-16", utf16, null);
        }
        return malformed(template, "byte " + spoiled[quote + 1], spoiled, null);
    }

    private Malformed mediaType(Template template) {
        List<String> headers = any(List.of(
                List.of("Content-Type: text/plain"),
                List.of("Content-Type: application/xml"),
                List.of("Content-Type: application/x-www-form-urlencoded"),
                List.of("Content-Type: multipart/form-data; boundary=x"),
                List.of("Content-Type: multipart/form-data"),
                List.of("Content-Type: application/json; charset=utf-16"),
                List.of("Content-Type: application/json; charset=nope"),
                List.of("Content-Type: application/json; charset=\"\""),
                List.of("Content-Type: */*"),
                List.of("Content-Type: application/*"),
                List.of("Content-Type: json"),
                List.of("Content-Type: ;;;"),
                List.of("Content-Type:"),
                List.of("X-None: 1"),
                List.of(JSON, "Content-Encoding: gzip"),
                List.of(JSON, "Content-Encoding: br"),
                List.of(JSON, "Content-Encoding: identity, gzip"),
                List.of(JSON, "Expect: 200-ok")));
        byte[] request = RawHttp.request(
                template.method(), template.path(), body(template.body()), null, headers.toArray(String[]::new));
        return new Malformed(template.path() + " " + headers, request, null, false);
    }

    private Malformed with(Template template, Field field, String value, String why) {
        byte[] body = body(set(template, field, value));
        return malformed(template, field.path() + " is " + shorten(value) + ", " + why, body, field.path());
    }

    private static ObjectNode set(Template template, Field field, String value) {
        ObjectNode body = template.body();
        JsonPointer pointer = JsonPointer.compile(field.pointer());
        JsonNode parent = body.at(pointer.head());
        if (parent instanceof ArrayNode array) {
            array.set(pointer.last().getMatchingIndex(), array.rawValueNode(new RawValue(value)));
        } else {
            ((ObjectNode) parent).putRawValue(pointer.last().getMatchingProperty(), new RawValue(value));
        }
        return body;
    }

    private static Stream<ObjectNode> objects(JsonNode node) {
        return node.values().stream()
                .flatMap(child ->
                        Stream.concat(child instanceof ObjectNode o ? Stream.of(o) : Stream.empty(), objects(child)));
    }

    private static Malformed malformed(Template template, String what, byte[] body, @Nullable String field) {
        byte[] request = RawHttp.request(template.method(), template.path(), body, JSON);
        return new Malformed(
                template.method() + " " + template.path() + ": " + what, request, field, template.isBatch());
    }

    private static byte[] body(ObjectNode body) {
        // A raw value may be no JSON, or not even text: it stands as it is.
        return body.toString().getBytes(UTF_8);
    }

    private static String shorten(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "… (" + text.length() + ")" : text;
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
