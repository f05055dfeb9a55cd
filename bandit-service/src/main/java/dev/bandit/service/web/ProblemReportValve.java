package dev.bandit.service.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/** Tomcat's last word on requests that reach no application, as problem+json instead of HTML. */
public final class ProblemReportValve extends ErrorReportValve {

    /** An unknown protocol or transfer encoding is the caller's doing: a 5xx would count against the service. */
    private static int status(int status) {
        return status == 501 || status == 505 ? 400 : status;
    }

    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        int status = status(response.getStatus());
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        AtomicBoolean writable = new AtomicBoolean();
        response.getCoyoteResponse().action(ActionCode.IS_IO_ALLOWED, writable);
        if (!writable.get()) {
            return;
        }
        try {
            response.setStatus(status);
            response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            response.setCharacterEncoding(StandardCharsets.UTF_8);
            response.getReporter().write(Problems.json(ProblemErrorController.problem(status)));
            response.finishResponse();
        } catch (IOException e) {
            container.getLogger().debug("the client is gone", e);
        }
    }
}
