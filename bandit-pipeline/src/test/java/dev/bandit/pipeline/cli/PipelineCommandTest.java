package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bandit.pipeline.pipes.Pipes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PipelineCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<String> requests = new ArrayList<>();
    private int status = 200;
    private String body = "welcome: INCOMPLETE\n";
    private HttpServer service;

    @BeforeEach
    void listen() throws IOException {
        service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        service.start();
    }

    @AfterEach
    void close() {
        service.stop(0);
    }

    @Test
    void report_prints_what_the_service_says() {
        assertThat(run("report", "welcome", "--url", url())).isZero();
        assertThat(out).hasToString("welcome: INCOMPLETE" + System.lineSeparator());
        assertThat(run("report", "the one&only", "--format", "markdown", "--url", url()))
                .isZero();
        assertThat(requests)
                .containsExactly(
                        "GET /experiments/welcome/report?format=text",
                        "GET /experiments/the%20one%26only/report?format=markdown");

        status = 404;
        body = "{\"title\": \"Not Found\", \"detail\": \"there is no experiment welcome\"}";
        assertThat(run("report", "welcome", "--url", url())).isEqualTo(1);
        assertThat(err).asString().contains("The service answered 404: there is no experiment welcome");
    }

    @Test
    void wrong_usage_exits_with_2_and_asks_nobody() {
        assertThat(run("report")).isEqualTo(2);
        assertThat(run("conclude")).isEqualTo(2);
        assertThat(run("report", "welcome", "--from-mlflow", url())).isEqualTo(2);
        assertThat(run("report", "--from-mlflow", url(), "--mlflow", url())).isEqualTo(2);
        assertThat(run("report", "--from-mlflow", url(), "--out", "folder")).isEqualTo(2);
        assertThat(Path.of("folder")).doesNotExist();
        assertThat(run("report", "welcome", "--mlflow", "databricks")).isEqualTo(2);
        assertThat(run("report", "welcome", "--mlflow", "file:/tmp/mlruns")).isEqualTo(2);
        assertThat(run("report", "welcome", "--mlflow", "not a server")).isEqualTo(2);
        assertThat(requests).isEmpty();
    }

    @Test
    void passwords_are_not_shown() {
        assertThat(run("report", "welcome", "--mlflow", "http://me:hunter2@127.0.0.1"))
                .isEqualTo(2);
        assertThat(run("report", "welcome", "--mlflow", "http://me:hunter2 @127.0.0.1"))
                .isEqualTo(2);
        for (var command : List.of("report", "conclude")) {
            assertThat(run(command, "--redis-url=redis://:hunter2@db")).isEqualTo(2);
            assertThat(run(command, "-p=hunter2", "--password", "hunter2")).isEqualTo(2);
        }
        assertThat(err)
                .asString()
                .doesNotContain("hunter2")
                .contains("MLFLOW_TRACKING_PASSWORD", "Unknown option: '--redis-url'");
    }

    @Test
    void what_is_no_mlflow_server_is_told_in_one_sentence() {
        assertThat(run("report", "--from-mlflow", url())).isEqualTo(1);
        assertThat(err).asString().hasLineCount(1).startsWith("What answers at " + url() + " is no MLflow server");
    }

    private String url() {
        return "http://127.0.0.1:" + service.getAddress().getPort();
    }

    private int run(String... args) {
        return PipelineCommand.commandLine(Pipes.none())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }
}
