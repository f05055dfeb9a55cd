package dev.bandit.service.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The load generator against a server that says exactly what it is told to. */
@Timeout(60)
class LoadTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private ScriptedServer server;

    @BeforeEach
    void listen() throws IOException {
        server = new ScriptedServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void every_answer_is_counted_by_its_status_on_one_connection_a_thread() throws Exception {
        server.answer((request, out) -> out.write(answer(request % 3 == 0 ? 503 : 200, "{}")));

        Load.Result result = new Load(server.port(), 4, LONG).run(count(75, (status, body) -> {}));

        assertThat(result.statuses()).isEqualTo(Map.of(200, 200L, 503, 100L));
        assertThat(result.status(200)).isEqualTo(200);
        assertThat(result.latencies().count()).isEqualTo(300);
        assertThat(result.failures()).isZero();
        assertThat(result.perSecond()).isPositive();
        assertThat(result.toString()).contains("300 answers", "p99", "statuses {200=200, 503=100}", "errors {}");
        assertThat(server.accepted()).isEqualTo(4);
        assertThat(server.bodies()).hasSize(300).containsOnly("{\"a\":\"é\"}");
    }

    @Test
    void bodies_are_read_however_they_are_sent() throws Exception {
        String large = "0123456789".repeat(10_000);
        server.answer((request, out) -> {
            switch (request) {
                case 0 -> out.write(answer(200, large));
                case 1 -> dribble(out, answer(201, "in pieces"));
                case 2 -> dribble(out, chunked("3\r\nin \r\n6;x=y\r\nchunks\r\n0\r\n\r\n"));
                case 3 -> out.write(chunked("186A0\r\n" + large + "\r\n0\r\nTrailer: one\r\nAnother: two\r\n\r\n"));
                case 4 -> out.write("HTTP/1.1 204 \r\n\r\n".getBytes(ISO_8859_1));
                default -> out.write(answer(200, ""));
            }
        });
        Queue<String> read = new ConcurrentLinkedQueue<>();

        new Load(server.port(), 1, LONG).run(count(6, (status, body) -> read.add(status + " " + body)));

        assertThat(read)
                .containsExactly("200 " + large, "201 in pieces", "200 in chunks", "200 " + large, "204 ", "200 ");
    }

    @Test
    void a_connection_that_the_server_closes_after_an_answer_is_opened_again() throws Exception {
        server.answer((request, out) -> {
            out.write("HTTP/1.1 200 \r\nContent-Length: 0\r\nCONNECTION: Close\r\n\r\n".getBytes(ISO_8859_1));
            out.close();
        });

        Load.Result result = new Load(server.port(), 1, LONG).run(count(5, (status, body) -> {}));

        assertThat(result.statuses()).isEqualTo(Map.of(200, 5L));
        assertThat(result.errors()).isEmpty();
        assertThat(server.accepted()).isEqualTo(5);
    }

    @Test
    void requests_without_an_answer_are_errors_and_the_run_goes_on() throws Exception {
        server.answer((request, out) -> {
            switch (request % 4) {
                case 0 -> out.close();
                case 1 -> {
                    out.write("HTTP/1.1 200 \r\nContent-Length: 10\r\n\r\nhalf".getBytes(ISO_8859_1));
                    out.close();
                }
                case 2 -> out.write("SSH-2.0-OpenSSH_9.2\r\n\r\n".getBytes(ISO_8859_1));
                default -> out.write(answer(200, "{}"));
            }
        });
        Queue<String> failed = new ConcurrentLinkedQueue<>();

        Load.Result result = new Load(server.port(), 1, LONG).run(new Load.Client() {
            @Override
            public byte @Nullable [] request(int connection, long n) {
                return n < 8 ? Load.get("/") : null;
            }

            @Override
            public void failed(int connection, long n, IOException cause) {
                failed.add(connection + ":" + n);
            }
        });

        assertThat(result.errors()).isEqualTo(Map.of("closed", 4L, "protocol", 2L));
        assertThat(result.failures()).isEqualTo(6);
        assertThat(result.statuses()).isEqualTo(Map.of(200, 2L));
        assertThat(failed).containsExactly("0:0", "0:1", "0:2", "0:4", "0:5", "0:6");
    }

    @Test
    void a_server_that_is_away_is_an_error_a_try() throws Exception {
        int port = server.port();
        server.close();

        Load.Result result = new Load(port, 2, LONG).run(count(3, (status, body) -> {}));

        assertThat(result.errors()).isEqualTo(Map.of("refused", 6L));
        assertThat(result.latencies().count()).isZero();
    }

    @Test
    void an_answer_that_does_not_come_in_time_is_an_error() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        server.answer((request, out) -> {
            if (request == 1) {
                end.await();
            }
            out.write(answer(200, "{}"));
        });
        Load load = new Load(address(), 1, Duration.ZERO, LONG, 0, Duration.ofMillis(300));

        Load.Result result = load.run(count(3, (status, body) -> {}));
        end.countDown();

        assertThat(result.errors()).isEqualTo(Map.of("timeout", 1L));
        assertThat(result.statuses()).isEqualTo(Map.of(200, 2L));
    }

    @Test
    void a_rate_is_kept_and_the_warm_up_is_not_counted() throws Exception {
        server.answer((request, out) -> out.write(answer(200, "{}")));
        Load load = new Load(address(), 4, Duration.ofMillis(500), Duration.ofSeconds(1), 200, LONG);

        Load.Result result = load.run((connection, n) -> Load.get("/"));

        // Fewer only if this machine stands still just before the end.
        assertThat(server.bodies().size()).isBetween(280, 300);
        assertThat(result.latencies().count()).isBetween(180L, 204L);
    }

    @Test
    void requests_that_a_stalled_server_kept_from_being_sent_count_from_when_they_were_due() throws Exception {
        server.answer((request, out) -> {
            if (request == 0) {
                Thread.sleep(500);
            }
            out.write(answer(200, "{}"));
        });
        Load load = new Load(address(), 1, Duration.ZERO, Duration.ofSeconds(1), 100, LONG);

        Load.Result result = load.run((connection, n) -> Load.get("/"));

        assertThat(result.latencies().count()).isBetween(80L, 100L);
        // Requests 0 to 30 were due at least 200 ms before the stall ended.
        assertThat(result.latencies().quantile(0.7))
                .isGreaterThan(Duration.ofMillis(190).toNanos());
    }

    @Test
    void it_ends_with_its_duration() throws Exception {
        server.answer((request, out) -> out.write(answer(200, "{}")));

        Load.Result result = new Load(server.port(), 3, Duration.ofMillis(300))
                .run(Load.posts("/select", List.of("{\"unit\":\"u-{n}\"}", "{}")));

        assertThat(result.elapsed()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(5));
        assertThat(result.status(200)).isPositive();
        assertThat(server.bodies()).contains("{\"unit\":\"u-0-0\"}", "{}", "{\"unit\":\"u-1-1\"}");
        assertThat(server.bodies().stream().filter(body -> body.length() > 2)).doesNotHaveDuplicates();
    }

    @Test
    void only_this_machine_is_a_target() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Load(new InetSocketAddress("192.0.2.1", 80), 1, Duration.ZERO, LONG, 0, LONG))
                .withMessageContaining("expected a loopback address");
        assertThatIllegalArgumentException().isThrownBy(() -> new Load(80, 0, LONG));
        assertThatIllegalArgumentException().isThrownBy(() -> new Load(80, 1, Duration.ofHours(2)));
    }

    @Test
    void quantiles_are_right_to_one_part_in_128() {
        SplittableRandom random = new SplittableRandom(7);
        long[] values =
                random.longs(10_000).map(v -> v >>> random.nextInt(8, 64)).toArray();
        LatencyHistogram one = new LatencyHistogram();
        LatencyHistogram two = new LatencyHistogram();
        for (int i = 0; i < values.length; i++) {
            (i % 2 == 0 ? one : two).add(values[i]);
        }
        one.add(two);
        Arrays.sort(values);

        assertThat(one.count()).isEqualTo(values.length);
        assertThat(one.max()).isEqualTo(values[values.length - 1]);
        for (int i = 1; i <= 1000; i++) {
            long exact = values[(int) Math.ceil(i / 1000.0 * values.length) - 1];
            assertThat(one.quantile(i / 1000.0)).isBetween(exact, exact + exact / 128);
        }
        assertThat(new LatencyHistogram().quantile(0.5)).isZero();
    }

    private InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
    }

    /** What happens with an answer. */
    private interface Answers {
        void take(int status, String body);
    }

    private static Load.Client count(int each, Answers answers) {
        byte[] request = Load.post("/select", "{\"a\":\"é\"}");
        return new Load.Client() {
            @Override
            public byte @Nullable [] request(int connection, long n) {
                return n < each ? request : null;
            }

            @Override
            public void answered(int connection, long n, int status, byte[] body, int length) {
                answers.take(status, new String(body, 0, length, UTF_8));
            }
        };
    }

    private static byte[] answer(int status, String body) {
        return ("HTTP/1.1 " + status + " \r\nDate: now\r\ncontent-LENGTH:  " + body.length() + "\r\n\r\n" + body)
                .getBytes(ISO_8859_1);
    }

    private static byte[] chunked(String body) {
        return ("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=60\r\n\r\n" + body)
                .getBytes(ISO_8859_1);
    }

    private static void dribble(OutputStream out, byte[] bytes) throws IOException {
        for (byte b : bytes) {
            out.write(b);
        }
    }
}
