package dev.bandit.pipeline.mlflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Between a client and a real server: every request arrives, and the answers to some are lost. */
final class LossyProxy implements AutoCloseable {

    private final URI server;
    private final String lossy;
    private final AtomicInteger losses;
    private final HttpServer proxy;
    private final HttpClient http = HttpClient.newHttpClient();
    final List<String> authorizations = new CopyOnWriteArrayList<>();

    /**
     * @param lossy end of the paths whose answers are lost
     * @param losses how many; every other is a 502, and the rest are connections that break
     */
    LossyProxy(URI server, String lossy, int losses) throws IOException {
        this.server = server;
        this.lossy = lossy;
        this.losses = new AtomicInteger(losses);
        proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.createContext("/", this::pass);
        proxy.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + proxy.getAddress().getPort());
    }

    int lossesLeft() {
        return losses.get();
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI asked = exchange.getRequestURI();
            authorizations.addAll(exchange.getRequestHeaders().getOrDefault("Authorization", List.of()));
            HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(asked.toString()))
                    .method(
                            exchange.getRequestMethod(),
                            BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
            List<String> type = exchange.getRequestHeaders().get("Content-Type");
            if (type != null) {
                request.header("Content-Type", type.getFirst());
            }
            HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
            if (asked.getPath().endsWith(lossy) && losses.get() > 0) {
                if (losses.getAndDecrement() % 2 == 0) {
                    exchange.sendResponseHeaders(502, -1);
                }
                return;
            }
            exchange.sendResponseHeaders(answer.statusCode(), answer.body().length);
            exchange.getResponseBody().write(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        proxy.stop(0);
        http.close();
    }
}
