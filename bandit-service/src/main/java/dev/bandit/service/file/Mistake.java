package dev.bandit.service.file;

import java.util.Comparator;

/**
 * Something wrong in the file.
 *
 * @param line from 1
 * @param column from 1
 * @param path of the field, such as {@code tests[0].prior.alpha}; empty when it is the file as a whole
 * @param message what is wrong and what was expected
 */
public record Mistake(int line, int column, String path, String message) {

    static final Comparator<Mistake> ORDER =
            Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column);

    /** The mistake in one line, as editors and compilers write it: {@code FILE:LINE:COLUMN: path: message}. */
    public String in(String file) {
        return file + ":" + line + ":" + column + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
