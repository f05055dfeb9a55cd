package dev.bandit.service.web;

import dev.bandit.service.problem.ProblemJson;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where the container sends what failed outside of Spring MVC, a filter for instance. */
@ConditionalOnWebApplication
@Hidden
@RestController
final class ProblemErrorController implements ErrorController {

    @RequestMapping("${spring.web.error.path:/error}")
    void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        Problems.send(response, status instanceof Integer code && code >= 400 ? problem(code) : problem(404));
    }

    /** What can be said of a status alone. */
    static ProblemJson problem(int status) {
        String detail = switch (status) {
            case 400 ->
                "the request line, a header or the path is not valid HTTP, expected a request as RFC 9112 has it";
            case 404 -> "there is nothing at this path; the paths are listed at /docs";
            case 405 -> "the method is not allowed here";
            case 408 -> "the request did not arrive in time";
            case 413 -> "the body is too large";
            case 414 -> "the request line is too long";
            case 417 -> "Expect asks for something else than 100-continue";
            case 431 -> "the headers are too large";
            default -> status < 500 ? "the request could not be taken" : "something went wrong in the service";
        };
        return Problems.of(status, detail, null);
    }
}
