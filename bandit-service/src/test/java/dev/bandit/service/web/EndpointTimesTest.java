package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import java.net.SocketTimeoutException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class EndpointTimesTest {

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final EndpointTimes times = new EndpointTimes(meters, List.of("/ask"));
    private final MockHttpServletRequest request = new MockHttpServletRequest("POST", "/ask");
    private final MockHttpServletResponse response = new MockHttpServletResponse();

    private void pass(FilterChain chain) throws Exception {
        request.setServletPath("/ask");
        times.doFilter(request, response, chain);
    }

    private Timer timer(String... tags) {
        return meters.get("http.server.requests").tag("uri", "/ask").tags(tags).timer();
    }

    @Test
    void answer_counts_in_the_series_that_is_there_from_the_start() throws Exception {
        String[] answered = {
            "error", "none", "exception", "none", "method", "POST", "outcome", "SUCCESS", "status", "200"
        };
        assertThat(timer(answered).count()).isZero();

        pass((request, response) -> {});

        assertThat(timer(answered).count()).isEqualTo(1);
    }

    @Test
    void refusal_counts_under_its_status_even_if_something_was_thrown() {
        assertThatThrownBy(() -> pass((request, given) -> {
                    response.setStatus(408);
                    request.setAttribute(RequestDispatcher.ERROR_EXCEPTION, new SocketTimeoutException());
                    throw new ServletException();
                }))
                .isInstanceOf(ServletException.class);

        assertThat(timer("status", "408", "outcome", "CLIENT_ERROR", "exception", "SocketTimeoutException")
                        .count())
                .isEqualTo(1);
    }

    @Test
    void methods_that_callers_make_up_are_one_series() throws Exception {
        for (String method : List.of("FOO", "BAR", "post")) {
            request.setMethod(method);
            response.setStatus(405);
            pass((request, response) -> {});
        }

        assertThat(timer("method", "UNKNOWN", "status", "405").count()).isEqualTo(3);
    }
}
