package dev.bandit.service.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Requests that are wrong before their body is looked at: line, path, query, headers, length. */
final class EnvelopeMutations {

    private static final String HOST = "Host: localhost\r\nConnection: close\r\n";
    private static final List<String> PATHS = List.of(
            "/select",
            "/select/batch",
            "/reward",
            "/reward/batch",
            "/experiments",
            "/experiments/live",
            "/experiments/live/pause",
            "/plan");

    private final Random random;

    EnvelopeMutations(Random random) {
        this.random = random;
    }

    Malformed next() {
        return switch (random.nextInt(5)) {
            case 0 -> requestLine();
            case 1 -> header();
            case 2 -> length();
            case 3 -> path();
            default -> method();
        };
    }

    /** Ten million bytes, announced or not. */
    Malformed huge(String method, String path) {
        byte[] body = new byte[10_000_000];
        Arrays.fill(body, (byte) ' ');
        if (random.nextBoolean()) {
            return refused("10 MB", RawHttp.request(method, path, body, "Content-Type: application/json"));
        }
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes((method + ' ' + path + " HTTP/1.1\r\n" + HOST
                        + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                .getBytes(ISO_8859_1));
        for (int i = 0; i < 10; i++) {
            request.writeBytes("f4240\r\n".getBytes(ISO_8859_1));
            request.write(body, 0, 1_000_000);
            request.writeBytes("\r\n".getBytes(ISO_8859_1));
        }
        request.writeBytes("0\r\n\r\n".getBytes(ISO_8859_1));
        return refused("10 MB in chunks", request.toByteArray());
    }

    private Malformed requestLine() {
        String path = any(PATHS);
        String line = any(List.of(
                "G@T " + path + " HTTP/1.1",
                "GET " + path + " HTTP/9.9",
                "GET " + path + " HTTP/1.1 x",
                "GET " + path + "\0 HTTP/1.1",
                "GET " + path + "/a b HTTP/1.1",
                "GET " + path + "/<script> HTTP/1.1",
                "GET " + path + "/\"a\" HTTP/1.1",
                "GET " + path + "?q={} HTTP/1.1",
                "GET /" + "a".repeat(9_000 + random.nextInt(9_000)) + " HTTP/1.1",
                "GET http:// HTTP/1.1",
                "CONNECT localhost:80 HTTP/1.1",
                "TRACE " + path + " HTTP/1.1",
                " GET " + path + " HTTP/1.1"));
        return raw(line, line + "\r\n" + HOST + "\r\n");
    }

    private Malformed header() {
        String header = any(List.of(
                "Host: other\r\nX: 1",
                "X: " + "a".repeat(9_000 + random.nextInt(50_000)),
                "X: a\0b",
                "X y: 1",
                ": 1",
                "X: 1\r\n folded",
                "no colon",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: nonsense",
                "X-\u00e4: 1"));
        String path = any(PATHS);
        if (header.startsWith("no colon")
                || header.startsWith("X: 1\r\n folded")
                || header.startsWith("X y")
                || header.startsWith(":")
                || header.startsWith("X-")) {
            // A server may also skip a line that is no header: then the request must be wrong otherwise.
            path = "/nothing";
        }
        return raw(header, "GET " + path + " HTTP/1.1\r\n" + HOST + header + "\r\n\r\n");
    }

    private Malformed length() {
        String lengths = any(List.of(
                "Content-Length: 2\r\nContent-Length: 3",
                "Content-Length: -1",
                "Content-Length: 0x10",
                "Content-Length: 1e3",
                "Content-Length: abc",
                "Content-Length: 99999999999999999999999",
                "Content-Length: 1048577",
                "Content-Length: 9223372036854775807",
                "Content-Length: 1000",
                "Transfer-Encoding: chunked"));
        String body = lengths.startsWith("Transfer")
                ? any(List.of(
                        "zz\r\n{}\r\n0\r\n\r\n", "-1\r\n", "2\r\n{}", "ffffffffff\r\n{}\r\n", "2\r\n{}xx0\r\n\r\n"))
                : "{}";
        return raw(
                lengths,
                "POST "
                        + any(List.of(
                                "/select",
                                "/reward",
                                "/select/batch",
                                "/reward/batch",
                                "/experiments/live/conclude",
                                "/plan"))
                        + " HTTP/1.1\r\n" + HOST + "Content-Type: application/json\r\n" + lengths + "\r\n\r\n" + body);
    }

    private Malformed path() {
        String id = any(List.of(
                "unknown-" + random.nextInt(1_000),
                "%zz",
                "%",
                "%00",
                "a%2Fb",
                "a%5Cb",
                "..%2f..",
                "%2e%2e",
                "%C3%28",
                "%ff",
                "live;x=1",
                "a%20b",
                "a".repeat(129),
                "%E2%82%AC",
                "live%0d%0aX:1",
                "live%09",
                "~",
                "live,live"));
        String suffix = any(List.of("", "/history", "/posterior", "/nothing"));
        if (random.nextInt(4) == 0) {
            String query = any(List.of(
                    "?limit=0",
                    "?limit=-1",
                    "?limit=1001",
                    "?limit=x",
                    "?limit=1.5",
                    "?limit=99999999999",
                    "?limit=%zz",
                    "?include=all",
                    "?include=",
                    "?limit=1%00",
                    "?after=%C3%28&limit=1"));
            return refused("GET " + query, RawHttp.request("GET", "/experiments" + query, new byte[0], null));
        }
        String post = any(List.of("/pause", "/resume", "/conclude"));
        return random.nextBoolean()
                ? refused(
                        "GET " + id + suffix, RawHttp.request("GET", "/experiments/" + id + suffix, new byte[0], null))
                : refused(
                        "POST " + id + post,
                        RawHttp.request(
                                "POST",
                                "/experiments/" + id + post,
                                "{\"winner\":\"a\"}".getBytes(ISO_8859_1),
                                "Content-Type: application/json"));
    }

    private Malformed method() {
        String request = any(List.of(
                "GET /select",
                "PUT /select",
                "DELETE /reward",
                "PATCH /reward",
                "GET /select/batch",
                "GET /reward/batch",
                "POST /experiments",
                "DELETE /experiments",
                "PATCH /experiments/live",
                "POST /experiments/live",
                "GET /experiments/live/pause",
                "DELETE /experiments/live/resume",
                "PUT /experiments/live/conclude",
                "POST /experiments/live/history",
                "GET /plan",
                "PUT /plan",
                "DELETE /plan",
                "POST /plan/",
                "POST /plan/a",
                "FOO /select",
                "get /experiments",
                "POST /health",
                "GET /nothing",
                "POST /nothing",
                "DELETE /",
                "GET /experiments/",
                "POST /selects",
                "GET /SELECT",
                "POST /select/",
                "POST //select",
                "POST /experiments/asleep/nothing",
                "POST /experiments/gone/pause",
                "POST /experiments/gone/resume",
                "POST /experiments/ended/pause",
                "GET /admin/audit",
                "POST /admin/audit?experiment=unknown",
                "POST /admin/rebuild?experiment=unknown",
                "GET /error",
                "GET /actuator/env",
                "GET /actuator/heapdump",
                "POST /actuator/shutdown",
                "GET /v3/api-docs/unknown",
                "GET /swagger-ui/../x"));
        String[] parts = request.split(" ");
        return refused(request, RawHttp.request(parts[0], parts[1], new byte[0], null));
    }

    private static Malformed raw(String what, String request) {
        return refused(what, request.getBytes(ISO_8859_1));
    }

    private static Malformed refused(String what, byte[] request) {
        return new Malformed(what.length() > 80 ? what.substring(0, 80) + "…" : what, request, null, false);
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
