package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.testing.LiveService;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The files of the built-in page, as a browser asks for them; what they do is tested in a browser, in src/browser. */
class PageFilesIT extends LiveService {

    private static final Pattern REFERENCE = Pattern.compile("(?:src=|href=|from )\"([^\"#]+\\.(?:js|css|svg))\"");

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void the_page_stands_at_the_root_and_lets_a_browser_load_nothing_from_elsewhere() throws Exception {
        HttpResponse<String> page = file("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .contains("default-src 'self'", "frame-ancestors 'none'")
                        .doesNotContain("unsafe"));
        assertThat(page.body()).doesNotContain("http:", "https:", "<style", "style=", "onclick");
    }

    @Test
    void every_file_that_a_file_names_is_there_and_asked_for_anew_after_an_upgrade() throws Exception {
        Set<String> seen = new HashSet<>();
        Deque<String> waiting = new ArrayDeque<>();
        waiting.add("/");
        while (!waiting.isEmpty()) {
            String path = waiting.remove();
            if (!seen.add(path)) {
                continue;
            }
            HttpResponse<String> file = file(path);
            assertThat(file.statusCode()).as(path).isEqualTo(200);
            assertThat(file.headers().firstValue("Cache-Control")).as(path).hasValue("no-cache");
            assertThat(file.headers().firstValue("Last-Modified")).as(path).isEmpty();
            if (!path.startsWith("/webjars/")) {
                Matcher reference = REFERENCE.matcher(file.body());
                while (reference.find()) {
                    waiting.add(URI.create(path).resolve(reference.group(1)).toString());
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(12).contains("/webjars/uplot/dist/uPlot.esm.js", "/page/beta.js");
    }

    @Test
    void what_is_not_there_is_still_a_problem_in_json() throws Exception {
        for (String path :
                Set.of("/page/none.js", "/nothing", "/webjars/uplot/none.js", "/experiments/none/snapshots")) {
            HttpResponse<String> answer = file(path);
            assertThat(answer.statusCode()).as(path).isEqualTo(404);
            assertThat(answer.headers().firstValue("Content-Type")).as(path).hasValue("application/problem+json");
        }
    }

    private HttpResponse<String> file(String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url() + path))
                        .header("Accept", "text/html,*/*")
                        .build(),
                BodyHandlers.ofString());
    }
}
