package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.endpoint.PostEndpoint;
import dev.bandit.service.problem.InvalidRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;

class EndpointServletTest {

    record Question(String unitId) {}

    record Answer(String armId) {}

    private final List<Question> asked = new ArrayList<>();
    private final List<Exception> failures = new ArrayList<>();
    private final MockHttpServletResponse response = new MockHttpServletResponse();
    private final EndpointServlet servlet = new EndpointServlet(
            List.of(new PostEndpoint<>("/ask", Question.class, Answer.class, "", "", "", (question, response) -> {
                asked.add(question);
                return answer(question);
            })),
            strict(),
            (request, response, handler, failure) -> {
                failures.add(failure);
                return new ModelAndView();
            });

    private static JsonMapper strict() {
        JsonFactoryBuilder factory = JsonFactory.builder();
        StrictJson.limit(factory);
        JsonMapper.Builder mapper = JsonMapper.builder(factory.build());
        StrictJson.restrict(mapper);
        return mapper.build();
    }

    private static Answer answer(Question question) {
        return switch (question.unitId) {
            case "bug" -> throw new IllegalStateException("bug");
            case "overflow" -> throw new StackOverflowError();
            case "invalid" -> throw new InvalidRequest("unit_id", "is wrong");
            default -> new Answer("ä");
        };
    }

    private MockHttpServletRequest request(String method, String path, String body) {
        MockHttpServletRequest request = new MockHttpServletRequest(method, path);
        request.setServletPath(path.replace("//", "/"));
        request.setContent(body.getBytes(StandardCharsets.UTF_8));
        return request;
    }

    private void serve(MockHttpServletRequest request) throws Exception {
        servlet.service(request, response);
    }

    @Test
    void answer_is_json_of_known_length() throws Exception {
        serve(request("POST", "/ask", "{\"unit_id\":\"u\"}"));

        assertThat(asked).containsExactly(new Question("u"));
        assertThat(response.getContentAsString(StandardCharsets.UTF_8)).isEqualTo("{\"arm_id\":\"ä\"}");
        assertThat(response.getContentType()).isEqualTo("application/json");
        assertThat(response.getContentLength()).isEqualTo(15);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null"})
    void missing_body_is_not_readable_for_no_reason(String body) throws Exception {
        serve(request("POST", "/ask", body));

        assertThat(failures).singleElement().isInstanceOf(HttpMessageNotReadableException.class);
        assertThat(failures.getFirst()).hasNoCause();
        assertThat(asked).isEmpty();
    }

    @Test
    void unreadable_body_keeps_what_jackson_says() throws Exception {
        serve(request("POST", "/ask", "{\"unit\":\"u\"}"));

        assertThat(failures)
                .singleElement()
                .isInstanceOf(HttpMessageNotReadableException.class)
                .extracting(Throwable::getCause)
                .isInstanceOf(UnrecognizedPropertyException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bug", "overflow", "invalid"})
    void whatever_the_handler_throws_is_answered_elsewhere(String unit) throws Exception {
        serve(request("POST", "/ask", "{\"unit_id\":\"" + unit + "\"}"));

        assertThat(failures).hasSize(1);
        assertThat(response.getContentAsByteArray()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "application/json", "application/*", "text/html, */*;q=0.1", ""})
    void accept_that_takes_json_is_served(String accept) throws Exception {
        MockHttpServletRequest request = request("POST", "/ask", "{\"unit_id\":\"u\"}");
        request.addHeader("Accept", accept);
        serve(request);

        assertThat(failures).isEmpty();
        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "text/*, image/png", "nonsense"})
    void accept_that_excludes_json_is_refused_before_anything_is_done(String accept) throws Exception {
        MockHttpServletRequest request = request("POST", "/ask", "{\"unit_id\":\"u\"}");
        request.addHeader("Accept", accept);
        serve(request);

        assertThat(failures).singleElement().isInstanceOf(HttpMediaTypeNotAcceptableException.class);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "HEAD", "DELETE", "post"})
    void only_post_is_a_question(String method) throws Exception {
        serve(request(method, "/ask", "{\"unit_id\":\"u\"}"));

        assertThat(failures).singleElement().isInstanceOf(HttpRequestMethodNotSupportedException.class);
        assertThat(asked).isEmpty();
    }

    @Test
    void options_tells_the_methods() throws Exception {
        serve(request("OPTIONS", "/ask", ""));

        assertThat(response.getHeader("Allow")).isEqualTo("POST,OPTIONS");
    }

    @Test
    void doubled_slash_is_another_path() throws Exception {
        serve(request("POST", "//ask", "{\"unit_id\":\"u\"}"));

        assertThat(failures).singleElement().isInstanceOf(NoResourceFoundException.class);
        assertThat(asked).isEmpty();
    }
}
