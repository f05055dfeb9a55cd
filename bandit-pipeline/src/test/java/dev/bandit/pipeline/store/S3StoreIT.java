package dev.bandit.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.testing.Child;
import dev.bandit.pipeline.testing.Dataset;
import dev.bandit.pipeline.testing.S3Server;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

class S3StoreIT extends StoreContract {

    @TempDir
    private static Path folder;

    private static S3Server server;
    private static S3Client client;

    private final String bucket = "bucket-" + UUID.randomUUID();

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        System.setProperty("bandit.cache", folder.resolve("cache").toString());
        server = S3Server.start(folder);
        server.logIn();
        client = server.client();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Override
    Store open() {
        client.createBucket(ask -> ask.bucket(bucket));
        return Store.open("s3://" + bucket + "/some/prefix/");
    }

    @Test
    void big_files_go_up_in_parts() throws IOException {
        byte[] content = new byte[(int) (2 * S3Store.PART + 12_345)];
        new Random(1).nextBytes(content);
        Path file = Files.write(store.scratch().resolve("big"), content);
        Checksum checksum = Checksum.of(file);
        store.put("big", file);
        Files.delete(file);
        assertThat(Files.mismatch(store.fetch("big", checksum), Files.write(folder.resolve("expected"), content)))
                .isEqualTo(-1);
        assertThat(client.listMultipartUploads(ask -> ask.bucket(bucket)).uploads())
                .isEmpty();
    }

    /** A file that shrinks while it goes up. */
    @Test
    void an_upload_that_fails_is_taken_back() throws IOException {
        Path file = store.scratch().resolve("big");
        try (var big = new RandomAccessFile(file.toFile(), "rw")) {
            big.setLength(2 * S3Store.PART);
        }
        S3Store s3 = (S3Store) store;
        assertThatThrownBy(() -> s3.putInParts("some/prefix/big", file, 3 * S3Store.PART))
                .isNotNull();
        assertThat(store.stat("big")).isEmpty();
        assertThat(client.listMultipartUploads(ask -> ask.bucket(bucket)).uploads())
                .isEmpty();
    }

    @Test
    void a_content_that_was_changed_is_not_handed_out() {
        store.put("a", bytes("one"));
        Checksum checksum = Checksum.of("one");
        store.put("a", bytes("two"));
        assertThatThrownBy(() -> store.fetch("a", checksum))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("is not what it was");
    }

    @Test
    void a_copy_that_was_changed_is_fetched_again() throws IOException {
        store.put("a", bytes("one"));
        Checksum checksum = Checksum.of("one");
        Path copy = store.fetch("a", checksum);
        Files.writeString(copy, "two");
        assertThat(store.fetch("a", checksum)).hasContent("one");
    }

    @Test
    void what_the_server_refuses_is_told() {
        try (Store nowhere = Store.open("s3://no-such-bucket-" + UUID.randomUUID())) {
            assertThatThrownBy(() -> nowhere.put("a", bytes("x")))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageContaining("answered 404");
        }
    }

    @Test
    void a_dataset_is_ingested_by_the_usual_variables() throws IOException, InterruptedException, SQLException {
        Path data = Dataset.made(folder.resolve("data-" + bucket), 2_000, true);
        Path output = folder.resolve("output");
        String place = "s3://" + bucket + "/some/prefix";

        assertThat(ingest(output, server.environment(), data, place))
                .as(Files.readString(output))
                .isZero();
        assertThat(output).content().contains("ingested");
        assertThat(ingest(output, server.environment(), data, place)).isZero();
        assertThat(output).content().contains("Nothing to do");

        try (Store local = Store.open(folder.resolve("local-" + bucket).toString())) {
            assertThat(ingest(output, Map.of(), data, local)).isZero();
            assertThat(Dataset.dump(store, Dataset.BTS, folder)).isEqualTo(Dataset.dump(local, Dataset.BTS, folder));
            assertThat(store.list("bandit/"))
                    .extracting(Store.Entry::key)
                    .isEqualTo(
                            local.list("bandit/").stream().map(Store.Entry::key).toList());
        }
    }

    @Test
    void wrong_credentials_are_told_and_not_shown() throws IOException, InterruptedException {
        Path data = Dataset.made(folder.resolve("data-" + bucket), 100, true);
        Map<String, String> environment = new HashMap<>(server.environment());
        environment.put("AWS_SECRET_ACCESS_KEY", "a-wrong-secret");
        Path output = folder.resolve("output");
        assertThat(ingest(output, environment, data, "s3://" + bucket)).isEqualTo(1);
        assertThat(output).content().contains("answered 403").doesNotContain("a-wrong-secret");
        assertThat(Files.readString(output).strip()).hasLineCount(1);
    }

    private static int ingest(Path output, Map<String, String> environment, Path data, Object place)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(environment);
        all.put("BANDIT_CACHE", folder.resolve("child-cache").toString());
        return Child.start(output, all, "ingest", "--from", data, "--store", place)
                .waitFor();
    }
}
