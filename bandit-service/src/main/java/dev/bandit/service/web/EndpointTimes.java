package dev.bandit.service.web;

import io.micrometer.core.instrument.Meter.MeterProvider;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.http.Outcome;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.http.HttpMethod;

/** Times requests as Spring's observation times those of Spring MVC, in the same meter with the same tags, and at less cost. */
final class EndpointTimes implements Filter {

    private static final int OK = HttpServletResponse.SC_OK;
    private static final String POST = HttpMethod.POST.name();
    private static final String NONE = "none";

    private final MeterProvider<Timer> timers;
    private final Map<String, Timer> answered;

    EndpointTimes(MeterRegistry meters, Collection<String> paths) {
        timers = Timer.builder("http.server.requests").withRegistry(meters);
        answered = paths.stream().collect(Collectors.toMap(Function.identity(), path -> timer(path, POST, OK, NONE)));
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        long start = System.nanoTime();
        boolean thrown = true;
        try {
            chain.doFilter(request, response);
            thrown = false;
        } finally {
            int status = ((HttpServletResponse) response).getStatus();
            if (thrown && status == OK) {
                status = HttpServletResponse.SC_INTERNAL_SERVER_ERROR; // as Tomcat will answer
            }
            timer((HttpServletRequest) request, status).record(System.nanoTime() - start, TimeUnit.NANOSECONDS);
        }
    }

    private Timer timer(HttpServletRequest request, int status) {
        String path = request.getServletPath();
        if (status == OK && request.getMethod().equals(POST)) {
            Timer timer = answered.get(path);
            if (timer != null) {
                return timer;
            }
        }
        // What Tomcat itself answers, a body that ends too early for instance.
        Object failure = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        return timer(
                path,
                method(request.getMethod()),
                status,
                failure == null ? NONE : failure.getClass().getSimpleName());
    }

    private Timer timer(String path, String method, int status, String exception) {
        return timers.withTags(Tags.of(
                "error",
                exception,
                "exception",
                exception,
                "method",
                method,
                "outcome",
                Outcome.forStatus(status).name(),
                "status",
                Integer.toString(status),
                "uri",
                path));
    }

    /** Callers make up methods, and each would be a series of its own. */
    private static String method(String sent) {
        boolean known = Arrays.asList(HttpMethod.values()).contains(HttpMethod.valueOf(sent));
        return known ? sent : "UNKNOWN";
    }
}
