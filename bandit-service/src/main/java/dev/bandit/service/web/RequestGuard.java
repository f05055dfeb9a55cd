package dev.bandit.service.web;

import dev.bandit.service.problem.Problem;
import dev.bandit.service.problem.ProblemJson;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * Lets through only bodies that are JSON in UTF-8, not encoded, and no larger than the limit; a body that says it is larger is refused unread.
 * A body that does not say how long it is gets cut at the limit. Changes that a browser sends for another site's page are refused.
 */
final class RequestGuard implements Filter {

    /** For the page at /docs, which a browser shows where there may be no internet. */
    private static final String NOTHING_FROM_OUTSIDE =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

    /** For the built-in page: nothing from outside, nothing inline, and in nobody's frame. */
    private static final String OWN_FILES_ONLY =
            "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'";

    private static final Pattern DOT_SEGMENT = Pattern.compile("/(?:\\.|%2[eE]){1,2}(?:/|$)");

    private final long maxBody;

    RequestGuard(long maxBody) {
        this.maxBody = maxBody;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest http = (HttpServletRequest) request;
        HttpServletResponse answer = (HttpServletResponse) response;
        answer.setHeader("X-Content-Type-Options", "nosniff");
        String uri = http.getRequestURI();
        if (uri.startsWith("/swagger-ui/")) {
            answer.setHeader("Content-Security-Policy", NOTHING_FROM_OUTSIDE);
        } else if (uri.equals("/") || uri.equals("/index.html") || uri.startsWith("/page/")) {
            answer.setHeader("Content-Security-Policy", OWN_FILES_ONLY);
            answer.setHeader("Referrer-Policy", "no-referrer");
        }
        long length = http.getContentLengthLong();
        boolean chunked = length < 0 && http.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
        ProblemJson problem = problem(http, length, chunked);
        if (problem != null) {
            if (length > maxBody || chunked) {
                answer.setHeader(HttpHeaders.CONNECTION, "close"); // the rest of the body is not going to be read
            }
            Problems.send(answer, problem);
            return;
        }
        chain.doFilter(chunked ? new LimitedRequest(http, maxBody) : http, response);
    }

    private @Nullable ProblemJson problem(HttpServletRequest request, long length, boolean chunked) {
        String path = request.getRequestURI();
        if (path.indexOf(';') >= 0) {
            return Problems.of(400, "the path has a semicolon, expected a path without parameters", null);
        }
        if ((path.indexOf('%') >= 0 || path.contains("/."))
                && DOT_SEGMENT.matcher(path).find()) {
            return Problems.of(400, "the path has a segment of dots, expected a path without them", null);
        }
        if (length > maxBody) {
            return tooLarge("Content-Length is " + length, maxBody);
        }
        if (fromAnotherSite(request)) {
            return Problems.of(
                    403,
                    "the request comes from a page of another site, expected one of this service or no browser",
                    HttpHeaders.ORIGIN);
        }
        return length > 0 || chunked ? problemOfBody(request) : null;
    }

    /**
     * Whether a browser sends this for a page that is not ours: it would do so without asking us, as long as there is no body. Where browsers say
     * whose page it is, that decides (it also holds behind a proxy with another name); older ones name the page's host.
     */
    private static boolean fromAnotherSite(HttpServletRequest request) {
        if (request.getMethod().equals("GET") || request.getMethod().equals("HEAD")) {
            return false;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return !site.equals("same-origin") && !site.equals("none");
        }
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        return origin != null && !origin.replaceFirst("^[a-z]+://", "").equals(request.getHeader(HttpHeaders.HOST));
    }

    private static @Nullable ProblemJson problemOfBody(HttpServletRequest request) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.strip().equalsIgnoreCase("identity")) {
            return Problems.of(415, "Content-Encoding is set, expected a body that is not encoded", "Content-Encoding");
        }
        String type = request.getContentType();
        if (MediaType.APPLICATION_JSON_VALUE.equals(type)) {
            return null;
        }
        if (type == null) {
            return Problems.of(415, "Content-Type is missing, expected application/json", "Content-Type");
        }
        try {
            MediaType media = MediaType.parseMediaType(type);
            if (!isJson(media)) {
                return Problems.of(
                        415,
                        "Content-Type is " + media.getType() + '/' + media.getSubtype() + ", expected application/json",
                        "Content-Type");
            }
            if (media.getCharset() != null && !media.getCharset().equals(StandardCharsets.UTF_8)) {
                return Problems.of(
                        415, "Content-Type has charset " + media.getCharset() + ", expected UTF-8", "Content-Type");
            }
            return null;
        } catch (IllegalArgumentException e) {
            return Problems.of(415, "Content-Type is not a media type, expected application/json", "Content-Type");
        }
    }

    private static boolean isJson(MediaType media) {
        return media.getType().equals("application")
                && (media.getSubtype().equals("json") || media.getSubtype().endsWith("+json"));
    }

    static ProblemJson tooLarge(String what, long maxBody) {
        return Problems.of(
                413, what + ", expected a body of at most " + maxBody + " bytes (bandit.web.max-body)", null);
    }

    /** 413: a body without a Content-Length went over the limit. */
    static final class BodyTooLarge extends Problem {

        private static final long serialVersionUID = 1L;

        BodyTooLarge(long maxBody) {
            super(
                    413,
                    "Content Too Large",
                    "the body goes on after " + maxBody + " bytes, expected at most that (bandit.web.max-body)");
        }
    }
}
