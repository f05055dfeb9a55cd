package dev.bandit.service.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A closed-loop HTTP/1.1 load generator that takes little CPU from the server it shares a machine with: each connection
 * is a platform thread on a blocking keep-alive socket, which sends its next request when it has the last answer.
 *
 * <p>From a test, {@code new Load(port, 16, Duration.ofSeconds(5)).run(client)}; {@link LoadCommand} does it
 * from a shell.
 *
 * <p>With a rate, a connection that is behind its schedule counts the latency of a request from when it was due, so that
 * a server that stalls does not hide the requests it kept from being sent. One that is ahead waits.
 *
 * <p>Loopback addresses only.
 *
 * @param address where the server listens
 * @param connections how many, each with its thread, 1 to 4096
 * @param warmUp time at the start whose requests are sent and not counted
 * @param duration time that is counted, up to an hour
 * @param rate requests a second over all connections; 0 for as many as the server takes
 * @param timeout for one answer; the connection is then closed and the request counted as an error
 */
public record Load(
        InetSocketAddress address, int connections, Duration warmUp, Duration duration, double rate, Duration timeout) {

    public Load {
        InetAddress host = address.getAddress();
        if (host == null || !host.isLoopbackAddress()) {
            throw new IllegalArgumentException("the address is " + address + ", expected a loopback address");
        }
        if (connections < 1 || connections > 4096) {
            throw new IllegalArgumentException("connections is " + connections + ", expected 1 to 4096");
        }
        if (warmUp.isNegative()
                || duration.isNegative()
                || warmUp.plus(duration).toSeconds() > 3600) {
            throw new IllegalArgumentException(
                    "warmUp is " + warmUp + ", duration is " + duration + ", expected up to an hour together");
        }
        if (!(rate >= 0 && rate <= 1e9)) {
            throw new IllegalArgumentException("rate is " + rate + ", expected 0 to 1e9");
        }
    }

    /** As fast as it goes, without warm-up, ten seconds for an answer. */
    public Load(int port, int connections, Duration duration) {
        this(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                connections,
                Duration.ZERO,
                duration,
                0,
                Duration.ofSeconds(10));
    }

    /**
     * What is asked, and what becomes of it. Called by all connections, each in its thread; the requests of one
     * connection are numbered from 0 and one of them is under way at a time.
     */
    @FunctionalInterface
    public interface Client {

        /** The whole request with its head, as {@link #post} and {@link #get} make it; null for no more. */
        byte @Nullable [] request(int connection, long n);

        /** The answer to request {@code n}; the body is the first {@code length} bytes, until this returns. */
        default void answered(int connection, long n, int status, byte[] body, int length) {}

        /** Request {@code n} has no answer; whether the server has carried it out is unknown. */
        default void failed(int connection, long n, IOException cause) {}
    }

    /** A POST of JSON. */
    public static byte[] post(String path, String json) {
        byte[] body = json.getBytes(UTF_8);
        byte[] head = ("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(ISO_8859_1);
        byte[] request = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return request;
    }

    /** A GET. */
    public static byte[] get(String path) {
        return ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(ISO_8859_1);
    }

    /** POSTs these bodies in turn; <code>{n}</code> in one becomes a word, connection-number, that no other request of the run has. */
    public static Client posts(String path, List<String> bodies) {
        List<byte[]> fixed = bodies.stream().map(body -> post(path, body)).toList();
        boolean[] numbered = new boolean[bodies.size()];
        for (int i = 0; i < numbered.length; i++) {
            numbered[i] = bodies.get(i).contains("{n}");
        }
        return (connection, n) -> {
            int turn = (int) ((connection + n) % numbered.length);
            return numbered[turn] ? post(path, bodies.get(turn).replace("{n}", connection + "-" + n)) : fixed.get(turn);
        };
    }

    /**
     * What was measured after the warm-up.
     *
     * @param elapsed from the end of the warm-up to the last answer
     * @param statuses how often each status was answered
     * @param errors how often a request had no answer, by the kind of failure
     * @param latencies of the answers, whatever their status
     * @param cores processor time of the connections' threads, warm-up included, for each second
     */
    public record Result(
            Duration elapsed,
            Map<Integer, Long> statuses,
            Map<String, Long> errors,
            LatencyHistogram latencies,
            double cores) {

        /** Answers of that status. */
        public long status(int status) {
            return statuses.getOrDefault(status, 0L);
        }

        /** Requests without an answer. */
        public long failures() {
            return errors.values().stream().mapToLong(Long::longValue).sum();
        }

        /** Answers a second. */
        public double perSecond() {
            return latencies.count() * 1e9 / Math.max(1, elapsed.toNanos());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d answers in %.1f s, %.0f/s; p50 %.3f ms, p90 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, max %.3f ms;"
                            + " statuses %s; errors %s; generator %.2f cores",
                    latencies.count(),
                    elapsed.toNanos() / 1e9,
                    perSecond(),
                    latencies.quantile(0.5) / 1e6,
                    latencies.quantile(0.9) / 1e6,
                    latencies.quantile(0.99) / 1e6,
                    latencies.quantile(0.999) / 1e6,
                    latencies.max() / 1e6,
                    statuses,
                    errors,
                    cores);
        }
    }

    /** Runs to the end of the duration, or until every connection has no more to send. */
    public Result run(Client client) throws InterruptedException {
        long start = System.nanoTime();
        long counted = start + warmUp.toNanos();
        long deadline = counted + duration.toNanos();
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            workers.add(new Worker(i, client, start, counted, deadline));
        }
        workers.forEach(Thread::start);
        for (Worker worker : workers) {
            while (!worker.join(Duration.ofMillis(100))) {
                long now = System.nanoTime();
                workers.forEach(each -> each.connection.closeIfBusySince(now - timeout.toNanos()));
            }
        }
        Map<Integer, Long> statuses = new TreeMap<>();
        Map<String, Long> errors = new TreeMap<>();
        LatencyHistogram latencies = new LatencyHistogram();
        long last = counted;
        long cpu = 0;
        for (Worker worker : workers) {
            worker.statuses.forEach((status, count) -> statuses.merge(status, count, Long::sum));
            worker.errors.forEach((kind, count) -> errors.merge(kind, count, Long::sum));
            latencies.add(worker.latencies);
            last = Math.max(last, worker.last);
            cpu += worker.cpu;
        }
        return new Result(Duration.ofNanos(last - counted), statuses, errors, latencies, cpu / (double) (last - start));
    }

    /** One connection and what it has seen. */
    private final class Worker extends Thread {

        private final int id;
        private final Client client;
        private final HttpConnection connection = new HttpConnection(address);
        private final long start;
        private final long counted;
        private final long deadline;
        private final double interval = rate == 0 ? 0 : 1e9 * connections / rate;
        private final Map<Integer, Long> statuses = new HashMap<>();
        private final Map<String, Long> errors = new HashMap<>();
        private final LatencyHistogram latencies = new LatencyHistogram();
        private long last;
        private long cpu;

        Worker(int id, Client client, long start, long counted, long deadline) {
            super("load-" + id);
            setDaemon(true);
            this.id = id;
            this.client = client;
            this.start = start;
            this.counted = counted;
            this.deadline = deadline;
            this.last = counted;
        }

        @Override
        public void run() {
            try {
                for (long n = 0; ; n++) {
                    long due = due(n);
                    byte[] request = due < deadline ? client.request(id, n) : null;
                    if (request == null) {
                        return;
                    }
                    exchange(n, due, request);
                }
            } finally {
                connection.close();
                cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            }
        }

        /** Waits until request n is due, and tells from when its latency counts. */
        private long due(long n) {
            long now = System.nanoTime();
            if (rate == 0 || now >= deadline) {
                return now;
            }
            long due = start + (long) (interval * (n + (double) id / connections));
            if (due >= deadline || due <= now) {
                return due;
            }
            while (due > now) {
                LockSupport.parkNanos(due - now);
                now = System.nanoTime();
            }
            return now;
        }

        private void exchange(long n, long from, byte[] request) {
            try {
                int status = connection.exchange(request);
                long now = System.nanoTime();
                last = now;
                if (from >= counted) {
                    latencies.add(now - from);
                    statuses.merge(status, 1L, Long::sum);
                }
                client.answered(id, n, status, connection.body(), connection.bodyLength());
            } catch (IOException e) {
                last = Math.max(last, System.nanoTime());
                if (from >= counted) {
                    errors.merge(HttpConnection.kind(e), 1L, Long::sum);
                }
                connection.close();
                client.failed(id, n, e);
                // A server that is away is asked a hundred times a second, not a million.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }
}
