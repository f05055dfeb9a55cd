package dev.bandit.service.web;

import dev.bandit.service.endpoint.PostEndpoint;
import dev.bandit.service.problem.Problem;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Serves every {@link PostEndpoint}. What fails is left to Spring MVC, so that {@link ProblemAdvice} answers it like any other failure. */
final class EndpointServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private static final List<MediaType> JSON =
            List.of(MediaType.APPLICATION_JSON, new MediaType("application", "*+json"));

    private final transient Map<String, Prepared<?, ?>> endpoints;
    private final transient HandlerExceptionResolver failures;

    EndpointServlet(Collection<PostEndpoint<?, ?>> endpoints, JsonMapper json, HandlerExceptionResolver failures) {
        this.endpoints = endpoints.stream()
                .map(endpoint -> Prepared.of(endpoint, json))
                .collect(Collectors.toUnmodifiableMap(prepared -> prepared.endpoint.path(), Function.identity()));
        this.failures = failures;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws ServletException {
        try {
            if (request.getRequestURI().contains("//")) { // for Tomcat the same path, and nobody else's
                throw nothingAt(request);
            }
            switch (request.getMethod()) {
                case "POST" -> doPost(request, response);
                case "OPTIONS" -> doOptions(request, response);
                default -> throw new HttpRequestMethodNotSupportedException(request.getMethod(), List.of("POST"));
            }
        } catch (Exception e) {
            fail(request, response, e);
        } catch (Error e) {
            fail(request, response, new ServletException(e));
        }
    }

    private void fail(HttpServletRequest request, HttpServletResponse response, Exception failure)
            throws ServletException {
        if (failures.resolveException(request, response, null, failure) == null) {
            throw new ServletException(failure);
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Prepared<?, ?> endpoint = endpoints.get(request.getServletPath());
        if (endpoint == null) {
            throw nothingAt(request);
        }
        endpoint.answer(request, response);
    }

    @Override
    protected void doOptions(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader(HttpHeaders.ALLOW, "POST,OPTIONS");
    }

    private static NoResourceFoundException nothingAt(HttpServletRequest request) {
        String path = request.getRequestURI();
        return new NoResourceFoundException(HttpMethod.valueOf(request.getMethod()), path, path);
    }

    /** An endpoint, and what Jackson finds out about its types beforehand. */
    private record Prepared<Q, A>(PostEndpoint<Q, A> endpoint, ObjectReader reader, ObjectWriter writer) {

        static <Q, A> Prepared<Q, A> of(PostEndpoint<Q, A> endpoint, JsonMapper json) {
            return new Prepared<>(endpoint, json.readerFor(endpoint.request()), json.writerFor(endpoint.answer()));
        }

        void answer(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException {
            Q asked = read(request);
            requireAcceptable(request);
            byte[] answer = writer.writeValueAsBytes(endpoint.handler().answer(asked, response));
            response.setContentType(MediaType.APPLICATION_JSON_VALUE);
            response.setContentLength(answer.length);
            response.getOutputStream().write(answer);
        }

        private Q read(HttpServletRequest request) {
            @Nullable Exception failure = null;
            try {
                byte[] body = body(request);
                Q asked = body.length == 0 ? null : reader.readValue(body);
                if (asked != null) {
                    return asked;
                }
            } catch (IOException | JacksonException | Problem e) {
                failure = e;
            }
            throw new HttpMessageNotReadableException("not read", failure, new ServletServerHttpRequest(request));
        }

        /** No more than {@link RequestGuard} lets through. */
        private static byte[] body(HttpServletRequest request) throws IOException {
            int length = request.getContentLength();
            return length < 0
                    ? request.getInputStream().readAllBytes()
                    : request.getInputStream().readNBytes(length);
        }
    }

    private static void requireAcceptable(HttpServletRequest request) throws HttpMediaTypeNotAcceptableException {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        if (accept == null || accept.equals(MediaType.ALL_VALUE) || accept.equals(MediaType.APPLICATION_JSON_VALUE)) {
            return;
        }
        try {
            List<MediaType> accepted =
                    MediaType.parseMediaTypes(Collections.list(request.getHeaders(HttpHeaders.ACCEPT)));
            if (!accepted.isEmpty()
                    && JSON.stream().noneMatch(json -> accepted.stream().anyMatch(json::isCompatibleWith))) {
                throw new HttpMediaTypeNotAcceptableException(JSON);
            }
        } catch (InvalidMediaTypeException e) {
            throw new HttpMediaTypeNotAcceptableException(e.getMessage());
        }
    }
}
