package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Objects;
import org.apache.catalina.connector.ClientAbortException;
import org.junit.jupiter.api.Test;
import org.springframework.http.converter.HttpMessageNotWritableException;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

class ProblemAdviceTest {

    private final ProblemAdvice advice = new ProblemAdvice();

    @Test
    void a_client_that_leaves_during_its_answer_is_no_internal_error() {
        for (IOException gone : new IOException[] {
            new AsyncRequestNotUsableException("Broken pipe", new IOException()),
            new ClientAbortException("Broken pipe")
        }) {
            assertThat(advice.unwritable(new HttpMessageNotWritableException("no", new IllegalStateException(gone))))
                    .isNull();
        }
    }

    @Test
    void an_answer_that_cannot_be_written_for_other_reasons_is_one() {
        var answer = advice.unwritable(new HttpMessageNotWritableException("no", new IllegalStateException()));
        assertThat(Objects.requireNonNull(answer).getStatusCode().value()).isEqualTo(500);
    }
}
