package dev.bandit.service.file;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** A file that cannot stand, with everything that is wrong in it; the message has a line for each. */
public final class InvalidFile extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<Mistake> mistakes;

    InvalidFile(String file, List<Mistake> mistakes) {
        super(mistakes.stream().map(mistake -> mistake.in(file)).collect(Collectors.joining("\n")), null, false, false);
        this.mistakes = List.copyOf(mistakes);
    }

    /** The file as a whole cannot be read. */
    InvalidFile(String message) {
        super(message, null, false, false);
        this.mistakes = List.of();
    }

    /** A line for each mistake. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** In the order of the file. */
    public List<Mistake> mistakes() {
        return mistakes;
    }
}
