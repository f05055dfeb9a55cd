package dev.bandit.service.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * A problem on the wire, as RFC 9457 has it: the body of an error answer, or the error of one item of a batch.
 *
 * @param type URI of the kind of problem
 * @param title name of the kind of problem
 * @param status HTTP status
 * @param detail what, where, and what was expected
 * @param field JSON path of the offending field, or name of the offending header or parameter
 * @param id of an internal error, to be found in the log
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProblemJson(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String field,
        @Nullable String id) {

    /** A problem of a plain HTTP status, titled as HTTP titles it; 400 as {@link InvalidRequest} does. */
    public static ProblemJson of(int status, String detail, @Nullable String field) {
        HttpStatus known = HttpStatus.resolve(status);
        String title = status == 400 ? "Invalid request" : known == null ? "Error " + status : known.getReasonPhrase();
        return new ProblemJson(Problem.typeOf(title), title, status, detail, field, null);
    }

    /** The problem as the wire has it. */
    public static ProblemJson from(Problem problem) {
        return new ProblemJson(
                problem.type(),
                problem.title(),
                problem.status(),
                problem.detail(),
                problem.field().orElse(null),
                null);
    }
}
