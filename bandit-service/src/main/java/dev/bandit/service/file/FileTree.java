package dev.bandit.service.file;

import dev.bandit.service.experiment.Check;
import dev.bandit.service.file.Mistakes.Place;
import dev.bandit.service.file.Shape.Field;
import dev.bandit.service.file.Shape.Fields;
import dev.bandit.service.file.Shape.Items;
import dev.bandit.service.file.Shape.Scalar;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes JSON of YAML nodes, by the shape the file should have. Where a value is of another type it tells so and goes on with one that no
 * check will tell again.
 */
final class FileTree {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    private static final int MAX_NUMBER = 64;
    private static final int MAX_TEXT = 4_096;

    private final Mistakes mistakes;
    private int replacements;

    FileTree(Mistakes mistakes) {
        this.mistakes = mistakes;
    }

    /** The document as JSON; only fields that there are, all of their type; null when it has no fields at all. */
    @Nullable
    ObjectNode of(Node root) {
        return (ObjectNode) read(root, Shape.FILE, "");
    }

    private @Nullable JsonNode read(Node node, Shape shape, String path) {
        if (!Set.of(Tag.STR, Tag.SEQ, Tag.MAP).contains(node.getTag())) {
            return wrong(
                    node,
                    shape,
                    path,
                    "has the tag " + Check.shown(node.getTag().getValue()));
        }
        if (node instanceof ScalarNode scalar && isNothing(scalar)) {
            return wrong(node, shape, path, "has no value");
        }
        return switch (shape) {
            case Fields fields ->
                node instanceof MappingNode mapping
                        ? fields(mapping, fields, path)
                        : wrong(node, shape, path, shown(node));
            case Items items ->
                node instanceof SequenceNode sequence
                        ? items(sequence, items, path)
                        : wrong(node, shape, path, shown(node));
            case Scalar kind ->
                node instanceof ScalarNode scalar ? scalar(scalar, kind, path) : wrong(node, shape, path, shown(node));
        };
    }

    private ObjectNode fields(MappingNode mapping, Fields fields, String path) {
        ObjectNode object = JSON.objectNode();
        Map<String, Place> seen = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            Place at = YamlNodes.place(tuple.getKeyNode().getStartMark());
            if (mistakes.isFull()) {
                break;
            }
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                mistakes.tell(at, inside(path, "?"), "is a field without a name, expected " + expected(fields));
                continue;
            }
            String name = key.getValue();
            Place earlier = seen.putIfAbsent(name, at);
            Field field = fields.fields().get(name);
            if (earlier != null) {
                mistakes.tell(
                        at,
                        inside(path, readable(name)),
                        "is there already in line " + earlier.line() + ", expected it once");
            } else if (field == null) {
                unknown(at, name, fields, path);
            } else {
                String inside = inside(path, name);
                mistakes.place(
                        inside,
                        tuple.getValueNode() instanceof ScalarNode value && !isNothing(value)
                                ? YamlNodes.place(value.getStartMark())
                                : at);
                JsonNode value = read(tuple.getValueNode(), field.shape(), inside);
                if (value != null) {
                    object.set(name, value);
                }
            }
        }
        return object;
    }

    private void unknown(Place at, String name, Fields fields, String path) {
        String nearest = Nearest.to(name, fields.fields().keySet());
        mistakes.tell(
                at,
                inside(path, readable(name)),
                "is unknown, expected "
                        + (nearest == null
                                ? "one of " + String.join(", ", fields.fields().keySet())
                                : nearest));
        if (nearest != null) {
            mistakes.excuse(inside(path, nearest));
        }
    }

    private ArrayNode items(SequenceNode sequence, Items items, String path) {
        ArrayNode array = JSON.arrayNode();
        for (Node node : sequence.getValue()) {
            if (mistakes.isFull()) {
                break;
            }
            String inside = path + "[" + array.size() + "]";
            mistakes.place(inside, YamlNodes.place(node.getStartMark()));
            JsonNode item = read(node, items.each(), inside);
            array.add(item == null ? JSON.objectNode() : item);
        }
        return array;
    }

    private @Nullable JsonNode scalar(ScalarNode node, Scalar kind, String path) {
        String value = node.getValue();
        boolean plain = node.getScalarStyle() == ScalarStyle.PLAIN;
        return switch (kind) {
            case TEXT ->
                value.length() <= MAX_TEXT
                        ? JSON.stringNode(value)
                        : wrong(node, kind, path, "has " + value.length() + " characters");
            case NUMBER ->
                plain
                                && value.length() <= MAX_NUMBER
                                && NUMBER.matcher(value).matches()
                                && Double.isFinite(Double.parseDouble(value))
                        ? JSON.numberNode(Double.parseDouble(value))
                        : wrong(node, kind, path, shown(node));
            case WHOLE ->
                plain && WHOLE.matcher(value).matches()
                        ? JSON.numberNode(Long.parseLong(value))
                        : wrong(node, kind, path, shown(node));
            case BOOLEAN ->
                plain && (value.equals("true") || value.equals("false"))
                        ? JSON.booleanNode(value.equals("true"))
                        : wrong(node, kind, path, shown(node));
        };
    }

    private @Nullable JsonNode wrong(Node node, Shape shape, String path, String what) {
        Place place = path.isEmpty() ? YamlNodes.place(node.getStartMark()) : mistakes.placeOf(path);
        mistakes.tell(place, path, what + ", expected " + expected(shape));
        return switch (shape) {
            case Fields _, Items _ -> null;
            case Scalar kind ->
                switch (kind) {
                    case TEXT -> JSON.stringNode("replacement-" + replacements++);
                    case NUMBER -> JSON.numberNode(0.0);
                    case WHOLE -> JSON.numberNode(0L);
                    case BOOLEAN -> JSON.booleanNode(false);
                };
        };
    }

    private static boolean isNothing(ScalarNode node) {
        return node.getScalarStyle() == ScalarStyle.PLAIN && NOTHING.contains(node.getValue());
    }

    private static String shown(Node node) {
        return switch (node) {
            case ScalarNode scalar ->
                scalar.getScalarStyle() == ScalarStyle.PLAIN
                        ? "is " + unquoted(Check.shown(scalar.getValue()))
                        : "is the text " + Check.shown(scalar.getValue());
            case SequenceNode _ -> "is a list";
            default -> "has fields";
        };
    }

    private static String unquoted(String shown) {
        return shown.substring(1, shown.length() - 1);
    }

    private static String expected(Shape shape) {
        return switch (shape) {
            case Fields fields ->
                "fields such as " + fields.fields().keySet().stream().limit(3).collect(Collectors.joining(", "));
            case Items items -> items.each() instanceof Scalar ? "a list such as [postgres, console]" : "a list";
            case Scalar kind ->
                switch (kind) {
                    case TEXT -> "text of at most " + MAX_TEXT + " characters";
                    case NUMBER -> "a number such as 0.5, without quotes";
                    case WHOLE -> "a whole number such as 100, without quotes";
                    case BOOLEAN -> "true or false";
                };
        };
    }

    private static String inside(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** A name that somebody wrote, as a path may show it. */
    private static String readable(String name) {
        return name.matches("[\\w-]{1,64}") ? name : Check.shown(name);
    }
}
