package dev.bandit.service.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;

/** Stands between a service and a server on this machine, and makes the way back from it long, or silent. */
final class OutageProxy implements AutoCloseable {

    private static final int CHUNK = 64 * 1024;

    private final int target;
    private final ServerSocket server;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile long delayNanos;

    OutageProxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /** The URL with the proxy's port in place of the server's. */
    String instead(String url) {
        return url.replace(":" + target, ":" + server.getLocalPort());
    }

    /** From now on every answer comes so much later. */
    void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    /** The present connections stay open and take everything, but nothing is passed on and nothing comes back: as when a machine is lost. */
    void loseConnections() {
        links.forEach(link -> link.lost = true);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                links.add(new Link(client, upstream));
            }
        } catch (IOException e) {
            close();
        }
    }

    private final class Link {

        private final Socket client;
        private final Socket upstream;
        private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
        private volatile boolean lost;

        private record Answer(byte[] bytes, long due) {}

        Link(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
            Thread.ofVirtual()
                    .start(() ->
                            pump(client, bytes -> upstream.getOutputStream().write(bytes)));
            Thread.ofVirtual()
                    .start(() ->
                            pump(upstream, bytes -> answers.add(new Answer(bytes, System.nanoTime() + delayNanos))));
            Thread.ofVirtual().start(this::answer);
        }

        private interface Sink {
            void take(byte[] bytes) throws IOException;
        }

        private void pump(Socket from, Sink to) {
            byte[] buffer = new byte[CHUNK];
            try {
                InputStream in = from.getInputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (!lost) {
                        to.take(Arrays.copyOf(buffer, read));
                    }
                }
            } catch (IOException e) {
                // Either side has ended; the other one is told below.
            }
            end();
        }

        private void answer() {
            try {
                while (!client.isClosed()) {
                    Answer answer = answers.take();
                    for (long wait = answer.due - System.nanoTime(); wait > 0; wait = answer.due - System.nanoTime()) {
                        LockSupport.parkNanos(wait);
                    }
                    if (!lost) {
                        client.getOutputStream().write(answer.bytes);
                    }
                }
            } catch (IOException e) {
                end();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void end() {
            links.remove(this);
            answers.add(new Answer(new byte[0], System.nanoTime()));
            close(client);
            close(upstream);
        }

        private static void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is given up anyway.
            }
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        links.forEach(Link::end);
    }
}
