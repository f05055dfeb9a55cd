package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file from the web, kept in a folder. What broke off goes on where it was, as long as the server still has the same file; what is
 * complete is not fetched again unless the server has another.
 */
public final class Download {

    private static final int ATTEMPTS = 5;
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int BUFFER = 1 << 18;
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d+){3}|\\[::1]");
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+)");

    /** Is told how far it is. */
    @FunctionalInterface
    public interface Watch {
        /** @param done in [0, 1]; NaN if nobody knows */
        void at(double done, String what);
    }

    private final Path folder;
    private final Watch watch;

    /** @param folder which exists */
    public Download(Path folder, Watch watch) {
        this.folder = folder;
        this.watch = watch;
    }

    /**
     * @param address https, or http of this machine
     * @return the file
     * @throws CommandFailed if it cannot be had; what has arrived is kept for the next time
     */
    public Path get(URI address) {
        check(address);
        String name = Checksum.of(address.toString()).brief();
        var files = new Kept(
                folder.resolve(name + ".zip"), folder.resolve(name + ".part"), folder.resolve(name + ".version"));
        try {
            for (int attempt = 1; ; attempt++) {
                long before = size(files.part());
                try {
                    if (attempt(address, files)) {
                        return files.done();
                    }
                } catch (IOException e) {
                    // Only what gets nowhere counts.
                    attempt = size(files.part()) > before ? 1 : attempt;
                    if (attempt >= ATTEMPTS) {
                        throw new CommandFailed(
                                "%s broke off after %,d bytes (%s); the same command goes on from there"
                                        .formatted(address, size(files.part()), e.getMessage()),
                                e);
                    }
                    Thread.sleep(200L * attempt);
                }
            }
        } catch (IOException e) {
            throw LocalFiles.failed("Keeping what " + address + " sends failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        }
    }

    /** @param version what the server calls the version that is being kept */
    private record Kept(Path done, Path part, Path version) {}

    /** @return whether it is complete */
    private boolean attempt(URI address, Kept kept) throws IOException {
        String version = Files.exists(kept.version()) ? Files.readString(kept.version()) : null;
        boolean have = Files.exists(kept.done());
        long from = !have && version != null ? size(kept.part()) : 0;
        HttpURLConnection connection = connect(address, version, have, from);
        try {
            int status = connection.getResponseCode();
            return switch (status) {
                case HttpURLConnection.HTTP_NOT_MODIFIED -> true;
                case HttpURLConnection.HTTP_OK -> {
                    Files.deleteIfExists(kept.done());
                    Files.deleteIfExists(kept.part());
                    String now = version(connection);
                    if (now == null) {
                        Files.deleteIfExists(kept.version());
                    } else {
                        Files.writeString(kept.version(), now);
                    }
                    receive(connection, kept, 0, connection.getContentLengthLong());
                    yield true;
                }
                case HttpURLConnection.HTTP_PARTIAL -> {
                    var range = RANGE.matcher(String.valueOf(connection.getHeaderField("Content-Range")));
                    if (!range.matches() || Long.parseLong(range.group(1)) != from) {
                        throw new CommandFailed("%s sent %s, asked for bytes from %d"
                                .formatted(address, connection.getHeaderField("Content-Range"), from));
                    }
                    receive(connection, kept, from, Long.parseLong(range.group(2)));
                    yield true;
                }
                case 416 -> {
                    // More is here than there: another file.
                    Files.deleteIfExists(kept.part());
                    yield false;
                }
                default -> {
                    if (status >= 500) {
                        throw new IOException("the server answered " + status);
                    }
                    String to = connection.getHeaderField("Location");
                    throw new CommandFailed("%s answered %d%s"
                            .formatted(
                                    address,
                                    status,
                                    to == null ? "" : ", sending on to " + to + ", which is not followed"));
                }
            };
        } finally {
            connection.disconnect();
        }
    }

    private static HttpURLConnection connect(URI address, @Nullable String version, boolean have, long from)
            throws IOException {
        // It follows no redirection from https to http.
        var connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setConnectTimeout(PATIENCE_MILLIS);
        connection.setReadTimeout(PATIENCE_MILLIS);
        connection.setRequestProperty("Accept-Encoding", "identity");
        if (version != null && have) {
            connection.setRequestProperty(version.startsWith("\"") ? "If-None-Match" : "If-Modified-Since", version);
        } else if (version != null && from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
            connection.setRequestProperty("If-Range", version);
        }
        return connection;
    }

    /** A strong tag, or else the time of the last change. */
    private static @Nullable String version(HttpURLConnection connection) {
        String tag = connection.getHeaderField("ETag");
        return tag != null && tag.startsWith("\"") ? tag : connection.getHeaderField("Last-Modified");
    }

    private void receive(HttpURLConnection connection, Kept kept, long from, long total) throws IOException {
        long bytes = from;
        try (var in = connection.getInputStream();
                OutputStream out =
                        Files.newOutputStream(kept.part(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                out.write(buffer, 0, n);
                bytes += n;
                watch.at(
                        total > 0 ? (double) bytes / total : Double.NaN,
                        String.format(Locale.ROOT, "downloading, %,d MB", bytes >> 20));
            }
        }
        if (total >= 0 && bytes != total) {
            throw new IOException("%,d bytes came of %,d".formatted(bytes, total));
        }
        LocalFiles.publish(kept.part(), kept.done());
    }

    private static void check(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        String host = address.getHost();
        boolean safe = scheme.equals("https")
                || scheme.equals("http")
                        && host != null
                        && LOOPBACK.matcher(host).matches();
        if (host == null || !safe) {
            throw new CommandFailed(address + " is no https address; http is for this machine only");
        }
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }
}
