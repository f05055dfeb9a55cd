package dev.bandit.service.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads HTTP/1.1 requests on a free loopback port and answers each with the very bytes that a script writes. */
final class ScriptedServer implements Closeable {

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger accepted = new AtomicInteger();
    private final Queue<String> bodies = new ConcurrentLinkedQueue<>();

    /** What to do with the request of that number, from 0; closing the stream closes the connection. */
    interface Script {
        void answer(int request, OutputStream out) throws Exception;
    }

    ScriptedServer() throws IOException {}

    int port() {
        return server.getLocalPort();
    }

    /** How many connections have been made. */
    int accepted() {
        return accepted.get();
    }

    /** The bodies of all requests so far. */
    List<String> bodies() {
        return List.copyOf(bodies);
    }

    /** Begins to accept connections. */
    void answer(Script script) {
        Thread.startVirtualThread(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    accepted.incrementAndGet();
                    Thread.startVirtualThread(() -> serve(socket, script));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void serve(Socket socket, Script script) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (!socket.isClosed()) {
                int length = 0;
                String line = line(in);
                while (!line.isEmpty()) {
                    if (line.startsWith("Content-Length: ")) {
                        length = Integer.parseInt(line.substring(16));
                    }
                    line = line(in);
                }
                bodies.add(new String(in.readNBytes(length), UTF_8));
                script.answer(requests.getAndIncrement(), socket.getOutputStream());
            }
        } catch (Exception e) {
            // The client has gone, or the script has closed the connection.
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the client has gone");
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
