package dev.bandit.service.file;

import dev.bandit.service.experiment.Check;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.DefinitionJson;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.InvalidDefinition;
import dev.bandit.service.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads {@code experiments.yaml}, strictly: unknown or repeated fields, values of another type, aliases and tags are refused, and a value is
 * what its field wants, whatever YAML 1.1 would take it for. Every mistake is told, not the first only.
 *
 * <p>YAML becomes JSON by {@link Shape}, and JSON becomes definitions the way of the HTTP API, so both have the same fields and checks. Those
 * checks stop at the first mistake; {@link Repair} takes it out and they are made again.
 */
public final class ExperimentsFileReader {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final Mistakes mistakes = new Mistakes();

    private ExperimentsFileReader() {}

    /** What was read, and where it stood. */
    record Reading(String name, ExperimentsFile file, Mistakes places) {

        /** What turned out to be wrong with a test later. */
        InvalidFile refused(Map<String, ? extends Problem> problems) {
            List<String> ids = List.copyOf(file.tests().keySet());
            problems.forEach((id, problem) -> {
                String test = "tests[" + ids.indexOf(id) + "]";
                places.tell(problem.field().map(field -> test + "." + field).orElse(test), problem.detail());
            });
            return new InvalidFile(name, places.sorted());
        }
    }

    /**
     * The file's content.
     *
     * @throws InvalidFile with every mistake, or that the file cannot be read
     */
    public static ExperimentsFile read(Path file) throws InvalidFile {
        return read(file.toString(), bytes(file)).file();
    }

    static byte[] bytes(Path file) throws InvalidFile {
        try (var in = Files.newInputStream(file)) {
            // One byte more than may be is enough to tell.
            return in.readNBytes(YamlNodes.MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw new InvalidFile(file + ": there is no such file");
        } catch (IOException e) {
            throw new InvalidFile(file + ": cannot be read: " + e.getMessage());
        }
    }

    /** @param name of the file, for the mistakes */
    static Reading read(String name, byte[] content) throws InvalidFile {
        ExperimentsFileReader reader = new ExperimentsFileReader();
        ExperimentsFile file = reader.read(content);
        if (file == null || !reader.mistakes.isEmpty()) {
            throw new InvalidFile(name, reader.mistakes.sorted());
        }
        return new Reading(name, file, reader.mistakes);
    }

    private @Nullable ExperimentsFile read(byte[] content) {
        Node root = YamlNodes.compose(content, mistakes);
        if (root == null) {
            return null;
        }
        ObjectNode tree = new FileTree(mistakes).of(root);
        if (tree == null) {
            return null;
        }
        JsonNode tests = tree.remove("tests");
        SequencedMap<String, Definition> definitions = new LinkedHashMap<>();
        if (tests == null) {
            mistakes.tell("tests", "is missing, expected a list of experiments (an empty one, [], for none)");
        } else {
            for (int i = 0; i < tests.size() && !mistakes.isFull(); i++) {
                test("tests[" + i + "]", (ObjectNode) tests.get(i), definitions);
            }
        }
        return checked("", tree, json -> JSON.treeToValue(json, FileJson.class).toDomain(definitions));
    }

    private void test(String path, ObjectNode test, SequencedMap<String, Definition> definitions) {
        String id = id(path, test.remove("test_id"));
        Repair.prepare(path, test, mistakes);
        Definition definition = checked(
                path, test, json -> JSON.treeToValue(json, DefinitionJson.class).toDomain());
        if (id != null && definition != null && definitions.putIfAbsent(id, definition) != null) {
            mistakes.tell(
                    path + ".test_id",
                    "is " + Check.shown(id) + ", as an earlier test's is, expected an id of its own");
        }
    }

    private @Nullable String id(String path, @Nullable JsonNode node) {
        String field = path + ".test_id";
        if (node == null) {
            mistakes.tell(field, "is missing, " + Check.NAME_EXPECTED);
            return null;
        }
        String id = node.asString();
        if (!Experiment.isId(id)) {
            mistakes.tell(field, "is " + Check.shown(id) + ", " + Check.NAME_EXPECTED);
            return null;
        }
        return mistakes.isTold(field) ? null : id;
    }

    /** What the checks make of the tree once everything they refuse has been told and taken out; null if that was not possible. */
    private <T> @Nullable T checked(String path, ObjectNode tree, Function<ObjectNode, T> check) {
        String last = "";
        while (!mistakes.isFull()) {
            try {
                return check.apply(tree);
            } catch (InvalidDefinition e) {
                InvalidDefinition here = path.isEmpty() ? e : e.inside(path);
                String field = here.field().orElse(path);
                if (!Repair.isConsequence(path, tree, e, mistakes)) {
                    mistakes.tell(field, e.reason());
                }
                if (here.detail().equals(last) || !Repair.repair(tree, e.field().orElse(""))) {
                    return null;
                }
                last = here.detail();
            }
        }
        return null;
    }
}
