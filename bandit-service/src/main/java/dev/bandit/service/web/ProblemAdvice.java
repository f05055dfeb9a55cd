package dev.bandit.service.web;

import dev.bandit.service.problem.JsonErrors;
import dev.bandit.service.problem.Problem;
import dev.bandit.service.problem.ProblemJson;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Turns whatever an endpoint throws into RFC 9457 problem+json that says what was wrong, where, and what was expected. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ProblemAdvice {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong loggedNanos = new AtomicLong(System.nanoTime());
    private final LongAdder notLogged = new LongAdder();

    @ExceptionHandler
    ResponseEntity<ProblemJson> problem(Problem e) {
        if (e.status() >= 500) {
            log(e);
        }
        HttpHeaders headers = new HttpHeaders();
        e.retryAfter()
                .ifPresent(after -> headers.set(
                        HttpHeaders.RETRY_AFTER,
                        Long.toString(Math.max(1, after.plusMillis(999).toSeconds()))));
        return answer(ProblemJson.from(e), headers);
    }

    /** A line a second: a server that is away makes thousands of these. */
    private void log(Problem e) {
        long now = System.nanoTime();
        long last = loggedNanos.get();
        if (now - last >= 0 && loggedNanos.compareAndSet(last, now + LOG_EVERY_NANOS)) {
            LOG.warn("{}: {} ({} more since the last such line)", e.title(), e.detail(), notLogged.sumThenReset());
            LOG.debug("{}", e.title(), e);
        } else {
            notLogged.increment();
        }
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> unreadable(HttpMessageNotReadableException e) {
        ProblemJson problem = JsonErrors.of(e.getCause());
        HttpHeaders headers = new HttpHeaders();
        if (problem.status() == 413 || problem.status() == 408) {
            headers.setConnection("close");
        }
        return answer(problem, headers);
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> wrongMethod(HttpRequestMethodNotSupportedException e) {
        String[] supported = e.getSupportedMethods();
        String expected = supported == null ? "" : ", expected " + String.join(" or ", supported);
        return answer(Problems.of(405, "the method is " + e.getMethod() + expected, null), e.getHeaders());
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> wrongMediaType(HttpMediaTypeNotSupportedException e) {
        String detail =
                (e.getContentType() == null ? "Content-Type is missing" : "Content-Type is " + e.getContentType())
                        + ", expected application/json";
        return answer(Problems.of(415, detail, HttpHeaders.CONTENT_TYPE), e.getHeaders());
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> notAcceptable(HttpMediaTypeNotAcceptableException e) {
        return answer(
                Problems.of(406, "Accept excludes what there is, expected application/json", HttpHeaders.ACCEPT),
                e.getHeaders());
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> notFound(NoResourceFoundException e) {
        return answer(
                Problems.of(404, "there is nothing at this path; the paths are listed at /docs", null),
                new HttpHeaders());
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> missingParameter(MissingServletRequestParameterException e) {
        return answer(
                Problems.of(400, "parameter " + e.getParameterName() + " is missing", e.getParameterName()),
                new HttpHeaders());
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> wrongParameter(MethodArgumentTypeMismatchException e) {
        Class<?> type = e.getRequiredType();
        String expected = type != null && (Number.class.isAssignableFrom(type) || type.isPrimitive())
                ? "a whole number"
                : "another value";
        return answer(
                Problems.of(400, "parameter " + e.getName() + " cannot be read, expected " + expected, e.getName()),
                new HttpHeaders());
    }

    @ExceptionHandler
    ResponseEntity<ProblemJson> unreadableParameters(InvalidParameterException e) {
        return answer(
                Problems.of(400, "the query cannot be decoded, expected percent-encoded UTF-8 parameters", null),
                new HttpHeaders());
    }

    /** Postgres is away, or was busy for too long. What needs it can be tried again. */
    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        TransactionException.class
    })
    ResponseEntity<ProblemJson> ledgerAway(RuntimeException e) {
        LOG.warn("Postgres cannot be asked: {}", e.getMessage());
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, "1");
        return answer(
                Problems.of(503, "Postgres does not answer at the moment, and this request needs it; try again", null),
                headers);
    }

    /** Nobody is there to be told. */
    @ExceptionHandler({AsyncRequestNotUsableException.class, ClientAbortException.class})
    void clientGone(Exception e) {
        LOG.debug("the client is gone", e);
    }

    /** Mostly because the client is gone: a browser that leaves a page does that to the answers it waits for. */
    @ExceptionHandler
    @Nullable
    ResponseEntity<ProblemJson> unwritable(HttpMessageNotWritableException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof AsyncRequestNotUsableException || cause instanceof ClientAbortException) {
                clientGone(e);
                return null;
            }
        }
        return unexpected(e);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<ProblemJson> unexpected(Exception e) {
        if (e instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
            return answer(Problems.of(known.getStatusCode().value(), detail(known), null), known.getHeaders());
        }
        String id = UUID.randomUUID().toString();
        LOG.error("internal error {}", id, e);
        ProblemJson internal =
                Problems.of(500, "something went wrong in the service; its log has the reason under this id", null);
        return answer(
                new ProblemJson(internal.type(), internal.title(), 500, internal.detail(), null, id),
                new HttpHeaders());
    }

    private static String detail(ErrorResponse known) {
        String detail = known.getBody().getDetail();
        return detail == null || detail.isBlank()
                ? "the request is not what was expected (" + reason(known.getStatusCode()) + ")"
                : detail;
    }

    private static String reason(HttpStatusCode status) {
        return Problems.of(status.value(), "", null).title().toLowerCase(Locale.ROOT);
    }

    private static ResponseEntity<ProblemJson> answer(ProblemJson problem, HttpHeaders headers) {
        return ResponseEntity.status(problem.status())
                .headers(headers)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
