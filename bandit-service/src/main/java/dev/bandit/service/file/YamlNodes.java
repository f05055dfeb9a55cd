package dev.bandit.service.file;

import dev.bandit.service.file.Mistakes.Place;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/** YAML as a tree of nodes that know where they stand; nothing is guessed from how a value looks. */
final class YamlNodes {

    static final int MAX_BYTES = 16 << 20;
    private static final int MAX_DEPTH = 20;

    private YamlNodes() {}

    /** Makes no number, truth, date or nothing of plain text: a value is what its field wants. */
    private static final class NoGuesses extends Resolver {

        @Override
        protected void addImplicitResolvers() {
            // none
        }
    }

    /** The one document there is; null when there is none, or what is wrong has been told. */
    static @Nullable Node compose(byte[] content, Mistakes mistakes) {
        if (content.length > MAX_BYTES) {
            mistakes.tell(
                    Place.START, "", "has " + content.length + " bytes, expected at most " + MAX_BYTES + " (16 MB)");
            return null;
        }
        String text = decode(content, mistakes);
        if (text == null) {
            return null;
        }
        try {
            if (!isPlain(parser(text), mistakes)) {
                return null;
            }
            Node root = new Composer(parser(text), new NoGuesses(), options()).getSingleNode();
            if (root == null) {
                mistakes.tell(Place.START, "", "is empty, expected tests: and a list of them");
            }
            return root;
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
            mistakes.tell(mark == null ? Place.START : place(mark), "", "is no YAML: " + sentence(e));
        } catch (ReaderException e) {
            mistakes.tell(
                    place(text, text.offsetByCodePoints(0, Math.min(e.getPosition(), text.length()))),
                    "",
                    "has the character U+%04X, expected text".formatted(e.getCodePoint()));
        } catch (YAMLException e) {
            mistakes.tell(Place.START, "", "is no YAML: " + e.getMessage());
        }
        return null;
    }

    static Place place(Mark mark) {
        return new Place(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static @Nullable String decode(byte[] content, Mistakes mistakes) {
        CharsetDecoder utf8 = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        CharBuffer text = CharBuffer.allocate(content.length);
        boolean malformed = utf8.decode(ByteBuffer.wrap(content), text, true).isError();
        String decoded = text.flip().toString();
        if (malformed) {
            mistakes.tell(place(decoded, decoded.length()), "", "has bytes that are no text, expected UTF-8");
            return null;
        }
        return decoded.startsWith("\ufeff") ? decoded.substring(1) : decoded;
    }

    private static Place place(String text, int index) {
        String before = text.substring(0, index);
        int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
        return new Place(line, index - before.lastIndexOf('\n'));
    }

    /** What would be a place of its own in the tree, or deeper than any stack, is told before there is a tree. */
    private static boolean isPlain(ParserImpl parser, Mistakes mistakes) {
        int depth = 0;
        int documents = 0;
        while (!parser.checkEvent(Event.ID.StreamEnd)) {
            Event event = parser.getEvent();
            Place place = place(event.getStartMark());
            switch (event) {
                case AliasEvent alias ->
                    mistakes.tell(place, "", "has the alias *" + alias.getAnchor() + ", expected what it stands for");
                case CollectionStartEvent _ -> depth++;
                case CollectionEndEvent _ -> depth--;
                case DocumentStartEvent _ -> documents++;
                default -> {
                    // of no interest here
                }
            }
            if (depth > MAX_DEPTH) {
                mistakes.tell(place, "", "is nested more than " + MAX_DEPTH + " deep, expected tests and their fields");
                return false;
            }
            if (documents > 1) {
                mistakes.tell(place, "", "begins a second document, expected one");
                return false;
            }
            if (mistakes.isFull()) {
                return false;
            }
        }
        return mistakes.isEmpty();
    }

    private static ParserImpl parser(String text) {
        return new ParserImpl(new StreamReader(text), options());
    }

    private static LoaderOptions options() {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(MAX_BYTES);
        return options;
    }

    private static String sentence(MarkedYAMLException e) {
        String problem =
                Objects.requireNonNullElse(e.getProblem(), "it cannot be read").strip();
        if (problem.contains("'\\t(TAB)'")) {
            return "a tab cannot stand here, expected spaces";
        }
        return e.getContext() == null ? problem : e.getContext().strip() + ", " + problem;
    }
}
