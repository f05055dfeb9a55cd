package dev.bandit.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadTest {

    @TempDir
    private Path folder;

    private final List<String> ranges = new ArrayList<>();
    private HttpServer server;
    private byte[] content = bytes(1, 3_000_000);
    private String tag = "\"one\"";

    /** How many bytes it sends before it breaks off; 0 for never. */
    private int breakAfter;

    /** How often it does so. */
    private int breaks;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/data.zip", this::send);
        server.createContext("/gone.zip", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        server.createContext("/away.zip", exchange -> {
            exchange.getResponseHeaders().set("Location", "https://example.org/data.zip");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void send(HttpExchange exchange) throws IOException {
        var asked = exchange.getRequestHeaders();
        var answer = exchange.getResponseHeaders();
        String range = asked.getFirst("Range");
        ranges.add(String.valueOf(range));
        if (tag != null) {
            answer.set("ETag", tag);
        }
        if (tag != null && tag.equals(asked.getFirst("If-None-Match"))) {
            exchange.sendResponseHeaders(304, -1);
            exchange.close();
            return;
        }
        int from = 0;
        if (range != null && tag != null && tag.equals(asked.getFirst("If-Range"))) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            answer.set("Content-Range", "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
        int to = content.length;
        if (breaks > 0) {
            breaks--;
            to = Math.min(to, from + breakAfter);
        }
        exchange.getResponseBody().write(content, from, to - from);
        exchange.close();
    }

    @Test
    void a_download_that_breaks_off_goes_on_where_it_was() throws IOException {
        breakAfter = 1_000_000;
        breaks = 2;
        assertThat(Files.readAllBytes(get("data.zip"))).isEqualTo(content);
        assertThat(ranges).hasSize(3);
        assertThat(ranges.get(0)).isEqualTo("null");
        assertThat(ranges.get(1)).startsWith("bytes=");
        assertThat(ranges.get(2)).startsWith("bytes=");
    }

    @Test
    void so_it_does_in_another_run() throws IOException {
        breakAfter = 200_000;
        breaks = 1;
        Path started = partOf(content);
        assertThat(Files.readAllBytes(get("data.zip"))).isEqualTo(content);
        assertThat(ranges).first().asString().isEqualTo("bytes=70000-");
        assertThat(started).doesNotExist();
    }

    @Test
    void what_began_as_another_file_begins_anew() throws IOException {
        partOf(bytes(2, 100_000));
        tag = "\"two\"";
        assertThat(Files.readAllBytes(get("data.zip"))).isEqualTo(content);
    }

    @Test
    void what_is_complete_is_not_sent_again() throws IOException {
        Path first = get("data.zip");
        assertThat(get("data.zip")).isEqualTo(first);
        assertThat(ranges).hasSize(2);
        content = bytes(3, 10_000);
        tag = "\"three\"";
        assertThat(Files.readAllBytes(get("data.zip"))).isEqualTo(content);
    }

    @Test
    void without_a_version_nothing_is_pieced_together() throws IOException {
        tag = null;
        breakAfter = 1_000_000;
        breaks = 1;
        assertThat(Files.readAllBytes(get("data.zip"))).isEqualTo(content);
        assertThat(ranges).containsExactly("null", "null");
    }

    @Test
    void a_server_that_gives_nothing_is_given_up() {
        breaks = Integer.MAX_VALUE;
        assertThatThrownBy(() -> get("data.zip"))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("broke off after 0 bytes");
    }

    @Test
    void refusals_are_told() {
        assertThatThrownBy(() -> get("gone.zip")).hasMessageContaining("answered 404");
        assertThatThrownBy(() -> get("away.zip")).hasMessageContaining("not followed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.org/x.zip",
                "http://127.0.0.1.example.org/x.zip",
                "ftp://127.0.0.1/x.zip",
                "file:///etc/passwd",
                "data.zip",
                "https:x"
            })
    void only_https_and_this_machine(String address) {
        assertThatThrownBy(() -> new Download(folder, (done, what) -> {}).get(URI.create(address)))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("no https address");
    }

    private Path get(String name) {
        return new Download(folder, (done, what) -> {}).get(address(name));
    }

    private URI address(String name) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + name);
    }

    /** As a killed run leaves it. */
    private Path partOf(byte[] whole) throws IOException {
        String name = Checksum.of(address("data.zip").toString()).brief();
        Files.writeString(folder.resolve(name + ".version"), "\"one\"");
        return Files.write(folder.resolve(name + ".part"), Arrays.copyOf(whole, 70_000));
    }

    private static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
