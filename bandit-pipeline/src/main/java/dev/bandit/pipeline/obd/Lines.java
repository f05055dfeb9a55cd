package dev.bandit.pipeline.obd;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** A CSV file line by line, for where the number of a line matters. No value of these files has a line break in it. */
final class Lines implements AutoCloseable {

    private static final int LONGEST = 1 << 20;
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final String name;
    private final InputStream in;
    private byte[] buffer = new byte[1 << 16];
    private int filled;
    private int next;
    private int start;
    private int end;
    private final long leftOut;
    private long number;

    /** @param name as messages call the file */
    static Lines of(Path file, String name) throws IOException {
        return of(file, name, 0);
    }

    /** @param leftOut how many lines of the original are not in the file, after the first */
    static Lines of(Path file, String name, long leftOut) throws IOException {
        InputStream in = Files.newInputStream(file);
        try {
            return new Lines(file.toString().endsWith(".gz") ? new GZIPInputStream(in, 1 << 16) : in, name, leftOut);
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    Lines(InputStream in, String name) {
        this(in, name, 0);
    }

    private Lines(InputStream in, String name, long leftOut) {
        this.in = in;
        this.name = name;
        this.leftOut = leftOut;
    }

    /**
     * Goes to the next line.
     *
     * @return whether there is one
     */
    boolean next() throws IOException {
        int at = next;
        while (true) {
            while (at < filled && buffer[at] != '\n') {
                at++;
            }
            if (at < filled) {
                break;
            }
            at -= next;
            if (!fill()) {
                at = filled;
                if (next == filled) {
                    return false;
                }
                break;
            }
        }
        start = next;
        end = at > start && buffer[at - 1] == '\r' ? at - 1 : at;
        next = Math.min(at + 1, filled);
        number += number == 1 ? 1 + leftOut : 1;
        if (number == 1 && Arrays.equals(buffer, start, Math.min(start + MARK.length, end), MARK, 0, MARK.length)) {
            start += MARK.length;
        }
        return true;
    }

    private boolean fill() throws IOException {
        int left = filled - next;
        if (left > LONGEST) {
            throw new CommandFailed(
                    "%s is no CSV file: line %d has more than %,d bytes".formatted(name, number + 1, LONGEST));
        }
        byte[] into = left > buffer.length / 2 ? new byte[buffer.length * 2] : buffer;
        System.arraycopy(buffer, next, into, 0, left);
        buffer = into;
        next = 0;
        filled = left;
        int n = in.read(buffer, filled, buffer.length - filled);
        filled += Math.max(n, 0);
        return n > 0;
    }

    /** From 1. */
    long number() {
        return number;
    }

    boolean isEmpty() {
        return start == end;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(buffer, start, end - start);
    }

    boolean isUtf8() {
        for (int i = start; i < end; i++) {
            if (buffer[i] < 0) {
                return text().isPresent();
            }
        }
        return true;
    }

    /** As text, or nothing if it is not UTF-8. */
    Optional<String> text() {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(buffer, start, end - start))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** As text, with a mark where it is not UTF-8; no more than so many characters. */
    String excerpt(int most) {
        String text = new String(buffer, start, Math.min(end - start, 4 * most), StandardCharsets.UTF_8);
        return text.length() <= most ? text : text.substring(0, most) + "…";
    }

    /** How many fields there are; -1 if a quotation mark is out of place. */
    int fields() {
        int fields = 1;
        for (int i = start; i < end; i++) {
            if (buffer[i] == ',') {
                fields++;
            } else if (buffer[i] == '"' && (i == start || buffer[i - 1] == ',')) {
                i = closing(i);
                if (i < 0) {
                    return -1;
                }
            }
        }
        return fields;
    }

    /** The mark that ends what this one begins; -1 if there is none before the end of the field. */
    private int closing(int opening) {
        for (int i = opening + 1; i < end; i++) {
            if (buffer[i] == '"') {
                if (i + 1 < end && buffer[i + 1] == '"') {
                    i++;
                } else {
                    return i + 1 == end || buffer[i + 1] == ',' ? i : -1;
                }
            }
        }
        return -1;
    }

    /**
     * The fields, without their quotation marks.
     *
     * @throws CommandFailed if the line is not UTF-8, or a quotation mark is out of place
     */
    List<String> values() {
        String text = text().orElseThrow(() -> wrong("is not UTF-8"));
        if (fields() < 0) {
            throw wrong("has a quotation mark out of place");
        }
        List<String> values = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' && (quoted || value.isEmpty())) {
                if (quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    value.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                values.add(value.toString());
                value.setLength(0);
            } else {
                value.append(c);
            }
        }
        values.add(value.toString());
        return values;
    }

    /** Something is wrong with this line. */
    CommandFailed wrong(String what) {
        return new CommandFailed("%s, line %d %s".formatted(name, number, what));
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
