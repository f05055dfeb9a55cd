package dev.bandit.service.web;

import dev.bandit.service.problem.ProblemJson;
import io.micrometer.core.instrument.Counter;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.http.HttpHeaders;

/**
 * Bounds the requests in flight. What is over the bound is refused before anything is read or looked up, so that a process that is asked too
 * much stays quick for what it takes on. Health and metrics are let through.
 */
final class AdmissionFilter implements Filter {

    private static final ProblemJson REFUSED = Problems.of(
            503,
            "the service is at its limit of requests in flight (bandit.web.max-concurrent); try again in a second",
            null);

    private final int limit;
    private final Counter refused;
    private final AtomicInteger inFlight;

    /** @param inFlight counts the requests, and may be watched */
    AdmissionFilter(int limit, Counter refused, AtomicInteger inFlight) {
        this.limit = limit;
        this.refused = refused;
        this.inFlight = inFlight;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (isExempt(((HttpServletRequest) request).getRequestURI())) {
            chain.doFilter(request, response);
            return;
        }
        try {
            if (inFlight.incrementAndGet() <= limit) {
                chain.doFilter(request, response);
            } else {
                refused.increment();
                HttpServletResponse answer = (HttpServletResponse) response;
                answer.setHeader(HttpHeaders.RETRY_AFTER, "1");
                Problems.send(answer, REFUSED);
            }
        } finally {
            inFlight.decrementAndGet();
        }
    }

    private static boolean isExempt(String path) {
        return path.startsWith("/actuator/") || path.equals("/health");
    }
}
