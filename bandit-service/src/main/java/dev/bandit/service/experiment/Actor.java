package dev.bandit.service.experiment;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** Who changes something, for the audit log. */
final class Actor {

    static final String HEADER = "X-Bandit-Actor";

    private static final int MAX = 128;

    private Actor() {}

    /** What the header says, made printable and short; otherwise the address that the request came from. */
    static String of(HttpServletRequest request) {
        @Nullable String named = request.getHeader(HEADER);
        if (named == null || named.isBlank()) {
            return request.getRemoteAddr();
        }
        String printable = named.strip().replaceAll("[^\\x20-\\x7e\\xa0-\\xff]", "?");
        return printable.length() > MAX ? printable.substring(0, MAX) : printable;
    }
}
