package dev.bandit.service.problem;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A failure that a caller is told about in full: over HTTP it becomes an RFC 9457 {@code application/problem+json} answer with these members.
 *
 * <p>Each feature extends this with its own named exceptions. The detail is a sentence for a human: what, where, and what was expected; it is
 * sent to the caller as it stands, so it holds nothing secret. Problems below 500 are ordinary answers and carry no stack trace.
 */
public abstract class Problem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final Pattern NO_WORD = Pattern.compile("[^a-z0-9]+");

    private final int status;
    private final String title;
    private final @Nullable String field;
    private final @Nullable Duration retryAfter;

    /** A problem of the whole request. */
    protected Problem(int status, String title, String detail) {
        this(status, title, detail, null, null, null);
    }

    /** A problem of one field, named by its JSON path such as {@code variants[3].allocation}. */
    protected Problem(int status, String title, String detail, @Nullable String field) {
        this(status, title, detail, field, null, null);
    }

    /** A problem that goes away: the caller may try again after that time. */
    protected Problem(int status, String title, String detail, Duration retryAfter, @Nullable Throwable cause) {
        this(status, title, detail, null, retryAfter, cause);
    }

    private Problem(
            int status,
            String title,
            String detail,
            @Nullable String field,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        super(Objects.requireNonNull(detail, "detail"), cause, true, status >= 500);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("status is " + status + ", expected 400 to 599");
        }
        this.status = status;
        this.title = Objects.requireNonNull(title, "title");
        this.field = field;
        this.retryAfter = retryAfter;
    }

    /** HTTP status, 400 to 599. */
    public final int status() {
        return status;
    }

    /** Short name of the kind of problem, the same for every occurrence. */
    public final String title() {
        return title;
    }

    /** The sentence that tells this occurrence. */
    public final String detail() {
        return Objects.requireNonNull(getMessage());
    }

    /** JSON path of the offending field, where there is one. */
    public final Optional<String> field() {
        return Optional.ofNullable(field);
    }

    /** After how long a retry makes sense, where it does. */
    public final Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    /** URI of the kind of problem, made from its title: {@code urn:bandit:problem:unknown-experiment}. */
    public final String type() {
        return typeOf(title);
    }

    /** The URI that goes with a title. */
    public static String typeOf(String title) {
        return "urn:bandit:problem:"
                + NO_WORD.matcher(title.toLowerCase(Locale.ROOT)).replaceAll("-");
    }
}
