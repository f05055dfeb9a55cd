package dev.bandit.service.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.service.problem.ProblemJson;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/** Problem answers, for the places that stand before Spring MVC. */
final class Problems {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private Problems() {}

    /** As {@link ProblemJson#of}. */
    static ProblemJson of(int status, String detail, @Nullable String field) {
        return ProblemJson.of(status, detail, field);
    }

    static String json(ProblemJson problem) {
        return MAPPER.writeValueAsString(problem);
    }

    /** Answers with the problem; the response must not be committed. */
    static void send(HttpServletResponse response, ProblemJson problem) throws IOException {
        byte[] body = json(problem).getBytes(StandardCharsets.UTF_8);
        response.setStatus(problem.status());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
