package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** A bucket, or what is under a prefix in it. An object appears when its upload is complete, which makes every put one step. */
final class S3Store implements Store {

    static final String SCHEME = "s3://";

    /** Above this a file goes up in parts. */
    static final long PART = 32L << 20;

    private static final String SCRATCH = "scratch-";
    private static final String FETCH = "fetch-";
    private static final Duration ABANDONED = Duration.ofDays(7);
    private static final int MOST_PARTS = 10_000;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String UNTYPED = "application/octet-stream";

    /** Copies that were what they should be, and when they were last changed then. */
    private static final Map<Path, FileTime> KEPT = new ConcurrentHashMap<>();

    private final S3Client client;
    private final String bucket;
    private final String prefix;
    private @Nullable Path scratch;

    private S3Store(S3Client client, String bucket, String prefix) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
    }

    static S3Store open(String where) {
        String[] place = where.substring(SCHEME.length()).split("/", 2);
        String prefix = place.length < 2 ? "" : place[1].replaceAll("/+$", "");
        if (place[0].isEmpty()) {
            throw new CommandFailed("The store " + where + " names no bucket, expected s3://bucket/prefix");
        }
        try {
            String region = Optional.ofNullable(System.getenv("AWS_REGION"))
                    .or(() -> Optional.ofNullable(System.getenv("AWS_DEFAULT_REGION")))
                    .orElse(System.getProperty("aws.region", "us-east-1"));
            S3Client client = S3Client.builder()
                    .httpClientBuilder(UrlConnectionHttpClient.builder().socketTimeout(PATIENCE))
                    .region(Region.of(region))
                    .forcePathStyle(true)
                    // Servers other than Amazon's often know no trailing checksums; our own are kept in manifests.
                    .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                    .build();
            return new S3Store(client, place[0], prefix.isEmpty() ? "" : prefix + "/");
        } catch (SdkException | IllegalArgumentException e) {
            throw new CommandFailed("The store " + where + " cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public List<Entry> list(String keys) {
        return asking(() ->
                client.listObjectsV2Paginator(ask -> ask.bucket(bucket).prefix(prefix + keys)).contents().stream()
                        .map(object -> new Entry(
                                object.key().substring(prefix.length()), object.size(), object.lastModified()))
                        .toList());
    }

    @Override
    public Optional<Entry> stat(String key) {
        return asking(() -> {
            try {
                var head = client.headObject(ask -> ask.bucket(bucket).key(prefix + key));
                return Optional.of(new Entry(key, head.contentLength(), head.lastModified()));
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public Optional<byte[]> read(String key) {
        return asking(() -> {
            try {
                return Optional.of(
                        client.getObjectAsBytes(ask -> ask.bucket(bucket).key(prefix + key))
                                .asByteArray());
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public InputStream read(String key, long from, long bytes) {
        return asking(() -> {
            try {
                String range = "bytes=%d-%d".formatted(from, from + bytes - 1);
                return client.getObject(
                        ask -> ask.bucket(bucket).key(prefix + key).range(range));
            } catch (NoSuchKeyException e) {
                throw new CommandFailed(name(key) + " is missing; ingest again", e);
            }
        });
    }

    @Override
    public Path fetch(String key, Checksum file) {
        Path kept = cache().resolve(file.sha256() + "-" + key.substring(key.lastIndexOf('/') + 1));
        // Once a process, however many threads ask for it, unless somebody has changed it.
        KEPT.compute(
                kept, (missing, since) -> since != null && since.equals(changed(kept)) ? since : keep(key, file, kept));
        return kept;
    }

    private static @Nullable FileTime changed(Path kept) {
        try {
            return Files.exists(kept) ? Files.getLastModifiedTime(kept) : null;
        } catch (IOException e) {
            throw LocalFiles.failed("Cannot keep copies on this machine", e);
        }
    }

    private @Nullable FileTime keep(String key, Checksum file, Path kept) {
        try {
            if (!Files.exists(kept) || !Checksum.of(kept).equals(file)) {
                Path fresh = Files.createTempFile(cache(), FETCH, "");
                try {
                    download(key, fresh, file);
                    LocalFiles.publish(fresh, kept);
                } finally {
                    Files.deleteIfExists(fresh);
                }
            }
            return changed(kept);
        } catch (IOException e) {
            throw LocalFiles.failed("Cannot keep " + name(key) + " on this machine", e);
        }
    }

    private void download(String key, Path to, Checksum file) throws IOException {
        Checksum got = asking(() -> {
            try (var in = new Checksum.Summing(
                            client.getObject(ask -> ask.bucket(bucket).key(prefix + key)));
                    var out = Files.newOutputStream(to)) {
                return in.drain(out);
            } catch (NoSuchKeyException e) {
                throw new CommandFailed(name(key) + " is missing; ingest again", e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        if (!got.equals(file)) {
            throw new CommandFailed(
                    "%s is not what it was: %,d bytes with SHA-256 %s, expected %,d with %s; ingest again"
                            .formatted(name(key), got.bytes(), got.sha256(), file.bytes(), file.sha256()));
        }
    }

    @Override
    public Path put(String key, Path file) {
        return asking(() -> {
            try {
                long bytes = Files.size(file);
                if (bytes <= PART) {
                    client.putObject(ask -> ask.bucket(bucket).key(prefix + key), RequestBody.fromFile(file));
                } else {
                    putInParts(prefix + key, file, bytes);
                }
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    void putInParts(String key, Path file, long bytes) {
        String upload =
                client.createMultipartUpload(ask -> ask.bucket(bucket).key(key)).uploadId();
        boolean done = false;
        try {
            long part = Math.max(PART, Math.ceilDiv(bytes, MOST_PARTS));
            List<CompletedPart> parts = new ArrayList<>();
            for (long from = 0; from < bytes; from += part) {
                int number = parts.size() + 1;
                long offset = from;
                long length = Math.min(part, bytes - from);
                String tag = client.uploadPart(
                                ask -> ask.bucket(bucket)
                                        .key(key)
                                        .uploadId(upload)
                                        .partNumber(number),
                                RequestBody.fromContentProvider(() -> section(file, offset, length), length, UNTYPED))
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            }
            client.completeMultipartUpload(
                    ask -> ask.bucket(bucket).key(key).uploadId(upload).multipartUpload(all -> all.parts(parts)));
            done = true;
        } finally {
            if (!done) {
                // Or the server would keep, and charge for, what nobody can see.
                client.abortMultipartUpload(ask -> ask.bucket(bucket).key(key).uploadId(upload));
            }
        }
    }

    private static InputStream section(Path file, long offset, long length) {
        try {
            return new Section(file, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void put(String key, byte[] content) {
        asking(() -> client.putObject(ask -> ask.bucket(bucket).key(prefix + key), RequestBody.fromBytes(content)));
    }

    @Override
    public void delete(String key) {
        asking(() -> client.deleteObject(ask -> ask.bucket(bucket).key(prefix + key)));
    }

    @Override
    public Path scratch() {
        if (scratch == null) {
            try {
                sweep();
                scratch = Files.createTempDirectory(cache(), SCRATCH);
            } catch (IOException e) {
                throw LocalFiles.failed("There is no room for unfinished work", e);
            }
        }
        return scratch;
    }

    /** What runs that were killed have left, once it is certain that they are gone. */
    private void sweep() throws IOException {
        FileTime before = FileTime.from(Instant.now().minus(ABANDONED));
        try (var leftovers = Files.newDirectoryStream(cache(), "{" + SCRATCH + "," + FETCH + "}*")) {
            for (Path leftover : leftovers) {
                if (Files.getLastModifiedTime(leftover).compareTo(before) < 0) {
                    LocalFiles.deleteTree(leftover);
                }
            }
        }
    }

    /** {@code $BANDIT_CACHE}, or {@code ~/.cache/bandit}. */
    @Override
    public Path cache() {
        String told = System.getProperty("bandit.cache", System.getenv("BANDIT_CACHE"));
        Path folder = told != null ? Path.of(told) : Path.of(System.getProperty("user.home"), ".cache", "bandit");
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw LocalFiles.failed("There is no room for copies from S3 (set BANDIT_CACHE to a folder)", e);
        }
    }

    @Override
    public void lock() {
        // Nothing to hold on to.
    }

    @Override
    public boolean locks() {
        return false;
    }

    @Override
    public void close() {
        client.close();
        if (scratch != null) {
            try {
                LocalFiles.deleteTree(scratch);
            } catch (IOException e) {
                throw LocalFiles.failed("Unfinished work could not be removed", e);
            }
            scratch = null;
        }
    }

    private <T> T asking(Supplier<T> question) {
        try {
            return question.get();
        } catch (S3Exception e) {
            var details = e.awsErrorDetails();
            String why = details == null || details.errorMessage() == null ? e.getMessage() : details.errorMessage();
            throw new CommandFailed("The store %s answered %d: %s".formatted(this, e.statusCode(), why), e);
        } catch (SdkException e) {
            throw new CommandFailed("The store %s cannot be reached: %s".formatted(this, e.getMessage()), e);
        } catch (UncheckedIOException e) {
            throw new CommandFailed("The store %s broke off: %s".formatted(this, e.getMessage()), e);
        }
    }

    private String name(String key) {
        return SCHEME + bucket + "/" + prefix + key;
    }

    @Override
    public String toString() {
        return SCHEME + bucket + (prefix.isEmpty() ? "" : "/" + prefix.substring(0, prefix.length() - 1));
    }
}
