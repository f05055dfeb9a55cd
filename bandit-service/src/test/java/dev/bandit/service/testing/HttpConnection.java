package dev.bandit.service.testing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One keep-alive HTTP/1.1 connection for one thread, which parses no more of an answer than its status, its length and
 * its body. It connects when it is first used, and again after it was closed.
 */
final class HttpConnection {

    private static final int MAX_BYTES = 64 << 20;

    private final SocketAddress address;
    private final ByteBuffer out = ByteBuffer.allocateDirect(16 * 1024);
    private volatile @Nullable SocketChannel channel;

    /** When the exchange under way began, in {@link System#nanoTime}; 0 between exchanges. */
    private volatile long busySince;

    private volatile boolean timedOut;

    private byte[] bytes = new byte[16 * 1024];
    private ByteBuffer in = ByteBuffer.wrap(bytes);
    private int have;
    private byte[] body = new byte[16 * 1024];
    private int bodyLength;

    HttpConnection(SocketAddress address) {
        this.address = address;
    }

    /** Sends a whole request and reads the whole answer, whose body then stands in {@link #body}; returns its status. */
    int exchange(byte[] request) throws IOException {
        busySince = System.nanoTime() | 1;
        try {
            SocketChannel socket = connected();
            send(socket, request);
            return receive(socket);
        } catch (ClosedChannelException e) {
            if (timedOut) {
                throw new InterruptedIOException("no answer in time");
            }
            throw e;
        } finally {
            busySince = 0;
        }
    }

    /** Holds the body of the last answer, in its first {@link #bodyLength} bytes, until the next exchange. */
    byte[] body() {
        return body;
    }

    int bodyLength() {
        return bodyLength;
    }

    /** Ends, from another thread, an exchange that began before that time. */
    void closeIfBusySince(long nanoTime) {
        long since = busySince;
        if (since != 0 && since - nanoTime < 0) {
            timedOut = true;
            close();
        }
    }

    void close() {
        SocketChannel socket = channel;
        channel = null;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // It is given up anyway.
            }
        }
    }

    /** One word for a failure, to count by. */
    static String kind(IOException failure) {
        return switch (failure) {
            case InterruptedIOException e -> "timeout";
            case EOFException e -> "closed";
            case ProtocolException e -> "protocol";
            case java.net.ConnectException e -> "refused";
            default -> failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        };
    }

    private SocketChannel connected() throws IOException {
        SocketChannel socket = channel;
        if (socket == null) {
            timedOut = false;
            socket = SocketChannel.open();
            channel = socket;
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.connect(address);
        }
        return socket;
    }

    private void send(SocketChannel socket, byte[] request) throws IOException {
        for (int sent = 0; sent < request.length; ) {
            int step = Math.min(out.capacity(), request.length - sent);
            out.clear().put(request, sent, step).flip();
            while (out.hasRemaining()) {
                socket.write(out);
            }
            sent += step;
        }
    }

    private int receive(SocketChannel socket) throws IOException {
        have = 0;
        bodyLength = 0;
        int head = endOfHead(socket);
        if (head < 16 || bytes[0] != 'H' || bytes[5] != '1' || bytes[8] != ' ') {
            throw new ProtocolException("not an HTTP/1.1 answer");
        }
        int status = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + bytes[11] - '0';
        int length = 0;
        boolean chunked = false;
        boolean close = false;
        for (int line = next(0, head); line < head; line = next(line, head)) {
            switch (bytes[line] | 0x20) {
                case 'c' -> {
                    if (is(line, "content-length:")) {
                        length = number(line + 15, 10);
                    } else if (is(line, "connection: close")) {
                        close = true;
                    }
                }
                case 't' -> chunked |= is(line, "transfer-encoding: chunked");
                default -> {}
            }
        }
        int end = chunked ? receiveChunks(socket, head) : receiveBody(socket, head, length);
        if (have != end) {
            throw new ProtocolException("the answer has " + (have - end) + " bytes too many");
        }
        if (close) {
            close();
        }
        return status;
    }

    /** Where the body begins. */
    private int endOfHead(SocketChannel socket) throws IOException {
        for (int at = 3; ; at++) {
            need(socket, at + 1);
            if (bytes[at] == '\n' && bytes[at - 1] == '\r' && bytes[at - 2] == '\n') {
                return at + 1;
            }
        }
    }

    private int receiveBody(SocketChannel socket, int head, int length) throws IOException {
        need(socket, head + length);
        append(head, length);
        return head + length;
    }

    private int receiveChunks(SocketChannel socket, int head) throws IOException {
        int at = head;
        while (true) {
            int line = endOfLine(socket, at);
            int size = number(at, 16);
            at = line;
            if (size == 0) {
                break;
            }
            need(socket, at + size + 2);
            append(at, size);
            at += size + 2;
        }
        int line = endOfLine(socket, at);
        while (line - at > 2) {
            at = line;
            line = endOfLine(socket, at);
        }
        return line;
    }

    private int endOfLine(SocketChannel socket, int from) throws IOException {
        for (int at = from; ; at++) {
            need(socket, at + 1);
            if (bytes[at] == '\n') {
                return at + 1;
            }
        }
    }

    /** Reads until there are so many bytes. */
    private void need(SocketChannel socket, int count) throws IOException {
        if (count < 0 || count > MAX_BYTES) {
            throw new ProtocolException("the answer is longer than " + MAX_BYTES + " bytes");
        }
        while (have < count) {
            if (count > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(count, 2 * bytes.length));
                in = ByteBuffer.wrap(bytes);
            }
            int read = socket.read(in.limit(bytes.length).position(have));
            if (read < 0) {
                throw new EOFException("the server closed the connection");
            }
            have += read;
        }
    }

    private void append(int from, int length) {
        if (bodyLength + length > body.length) {
            body = Arrays.copyOf(body, Math.max(bodyLength + length, 2 * body.length));
        }
        System.arraycopy(bytes, from, body, bodyLength, length);
        bodyLength += length;
    }

    private int next(int line, int head) {
        int at = line;
        while (at < head && bytes[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    private boolean is(int at, String lowerCase) {
        for (int i = 0; i < lowerCase.length(); i++) {
            int b = bytes[at + i];
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private int number(int from, int base) throws ProtocolException {
        int at = from;
        while (bytes[at] == ' ') {
            at++;
        }
        long value = 0;
        int digit = Character.digit(bytes[at], base);
        if (digit < 0) {
            throw new ProtocolException("a length is no number");
        }
        for (; digit >= 0 && value <= MAX_BYTES; digit = Character.digit(bytes[++at], base)) {
            value = value * base + digit;
        }
        return (int) Math.min(value, MAX_BYTES + 1L);
    }
}
