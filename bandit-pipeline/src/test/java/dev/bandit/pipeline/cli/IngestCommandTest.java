package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.obd.Part;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Dataset;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class IngestCommandTest {

    @TempDir
    private Path folder;

    @Test
    void every_row_is_kept_as_it_was() throws IOException, SQLException {
        Path data = Dataset.sample(folder.resolve("data"));

        Run run = Run.of("ingest", "--from", data, "--store", folder.resolve("store"), "--format", "json");

        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode parts = JsonMapper.shared().readTree(run.out()).path("parts");
        assertThat(parts.size()).isEqualTo(2);
        for (JsonNode part : parts) {
            assertThat(part.path("rows").asLong()).isEqualTo(10_000);
            assertThat(part.path("rejected").asLong()).isZero();
            assertThat(part.path("status").asString()).isEqualTo("ingested");
        }
        try (Store store = Store.open(folder.resolve("store").toString())) {
            for (Part part : List.of(Dataset.RANDOM, Dataset.BTS)) {
                assertSame(data.resolve(part + "/men.csv.gz"), Silver.open(store, part.behavior(), part.campaign()));
            }
        }
    }

    /** Read by other means than those that wrote it. */
    private void assertSame(Path csv, Silver silver) throws IOException, SQLException {
        int[] rows = {0};
        double[] sums = new double[3];
        try (var lines = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(csv))));
                Duck duck = Duck.open(folder.resolve("aside"))) {
            lines.readLine();
            String log = "FROM read_parquet(" + Duck.quoted(silver.logs().getFirst()) + ", hive_partitioning = false)";
            duck.query(log, stored -> {
                try {
                    while (stored.next()) {
                        String[] fields = lines.readLine().split(",");
                        assertThat(stored.getMetaData().getColumnCount()).isEqualTo(fields.length);
                        assertThat(stored.getLong("row")).isEqualTo(Long.parseLong(fields[0]));
                        assertThat(stored.getObject("timestamp", OffsetDateTime.class)
                                        .toInstant())
                                .isEqualTo(OffsetDateTime.parse(fields[1].replace(' ', 'T'))
                                        .toInstant());
                        for (int column = 3; column <= fields.length; column++) {
                            if (column >= 7 && column <= 10) {
                                assertThat(stored.getString(column)).isEqualTo(fields[column - 1]);
                            } else {
                                assertThat(stored.getDouble(column)).isEqualTo(Double.parseDouble(fields[column - 1]));
                            }
                        }
                        rows[0]++;
                        sums[0] += stored.getInt("click");
                        sums[1] += stored.getDouble("propensity_score");
                        sums[2] += 1 / stored.getDouble("propensity_score");
                    }
                    assertThat(lines.readLine()).isNull();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            List<String> types = new ArrayList<>();
            duck.query("DESCRIBE " + log, columns -> {
                while (columns.next()) {
                    types.add(columns.getString(1) + " " + columns.getString(2));
                }
            });
            assertThat(types)
                    .startsWith(
                            "row BIGINT",
                            "timestamp TIMESTAMP WITH TIME ZONE",
                            "item_id SMALLINT",
                            "position TINYINT",
                            "click TINYINT",
                            "propensity_score DOUBLE",
                            "user_feature_0 VARCHAR")
                    .endsWith("user_item_affinity_33 DOUBLE");
        }
        assertThat(rows[0]).isEqualTo(10_000);
        assertThat(silver.manifest().sums().clicks()).isEqualTo((long) sums[0]);
        assertThat(silver.manifest().sums().propensity()).isCloseTo(sums[1], withPercentage(1e-9));
        assertThat(silver.manifest().sums().weight()).isCloseTo(sums[2], withPercentage(1e-9));
        assertThat(silver.manifest().items()).isEqualTo(34);
    }

    @Test
    void a_second_run_does_nothing_and_says_so() throws IOException {
        Path data = Dataset.sample(folder.resolve("data"));
        Path store = folder.resolve("store");
        assertThat(Run.of("ingest", "--from", data, "--store", store).status()).isZero();
        TreeMap<Path, String> before = files(store);

        Run again = Run.of("ingest", "--from", data, "--store", store);

        assertThat(again.status()).isZero();
        assertThat(again.out()).contains("unchanged", "Nothing to do").doesNotContain("ingested");
        assertThat(files(store)).isEqualTo(before);
    }

    @Test
    void another_store_gets_the_same_bytes() throws IOException {
        Path data = Dataset.made(folder.resolve("data"), 3_000, false);
        Run.of("ingest", "--from", data, "--store", folder.resolve("one"));
        Run.of("ingest", "--from", data, "--store", folder.resolve("two"));
        TreeMap<String, Checksum> one = Dataset.contents(folder.resolve("one/bandit"));
        assertThat(one).hasSize(12);
        assertThat(Dataset.contents(folder.resolve("two/bandit"))).isEqualTo(one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "open_bandit_dataset/"})
    void a_zip_is_as_good_as_a_folder(String top) throws IOException {
        Path data = Dataset.made(folder.resolve("data"), 2_000, false);
        Path zip = zip(data, top);
        Run.of("ingest", "--from", data, "--store", folder.resolve("one"));
        Run run = Run.of("ingest", "--from", zip, "--store", folder.resolve("two"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(Dataset.contents(folder.resolve("two/bandit")))
                .isEqualTo(Dataset.contents(folder.resolve("one/bandit")));
    }

    @Test
    void a_download_is_ingested() throws IOException {
        Path data = Dataset.made(folder.resolve("data"), 1_000, true);
        zip(data, "");
        HttpServer server = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), folder, OutputLevel.NONE);
        server.start();
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/data.zip";
            Run run = Run.of("ingest", "--download", address, "--store", folder.resolve("two"));
            assertThat(run.status()).as(run.err()).isZero();
        } finally {
            server.stop(0);
        }
        Run.of("ingest", "--from", data, "--store", folder.resolve("one"));
        assertThat(Dataset.contents(folder.resolve("two/bandit")))
                .isEqualTo(Dataset.contents(folder.resolve("one/bandit")));
    }

    @Test
    void only_what_was_asked_for_is_ingested() {
        Path data = Dataset.made(folder.resolve("data"), 1_000, false);
        Run run = Run.of("ingest", "--from", data, "--store", folder.resolve("store"), "--behavior", "bts");
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("bts/men").doesNotContain("random/men");
    }

    @Test
    void a_log_that_has_changed_takes_the_place_of_the_old() throws IOException, SQLException {
        Path data = Dataset.made(folder.resolve("data"), 1_000, false);
        Path place = folder.resolve("store");
        Run.of("ingest", "--from", data, "--store", place);
        Dataset.made(folder.resolve("data"), 2_000, false);
        Run run = Run.of("ingest", "--from", data, "--store", place);
        assertThat(run.status()).isZero();
        try (Store store = Store.open(place.toString())) {
            assertThat(Silver.open(store, Dataset.BTS.behavior(), Dataset.BTS.campaign())
                            .manifest()
                            .rows())
                    .isEqualTo(2_000);
            assertThat(Dataset.dump(store, Dataset.BTS, folder)).isNotEmpty();
        }
    }

    @Test
    void made_up_logs_can_be_ingested() {
        Path data = folder.resolve("made");
        assertThat(Run.of("ingest", "--generate", 500, "--seed", 3, "--to", data, "--gzip")
                        .status())
                .isZero();
        Run run = Run.of("ingest", "--from", data, "--store", folder.resolve("store"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.out().lines().filter(line -> line.contains("ingested"))).hasSize(6);
    }

    @Test
    void values_are_missing_where_they_may_be_and_counted() throws IOException {
        Path data = Dataset.made(folder.resolve("data"), 1_000, false);
        Path log = data.resolve("bts/men/men.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        for (int i = 1; i <= 5; i++) {
            String[] fields = lines.get(i).split(",");
            fields[7] = "";
            lines.set(i, String.join(",", fields));
        }
        Files.write(log, lines);
        Run run = Run.of(
                "ingest", "--from", data, "--behavior", "bts", "--store", folder.resolve("store"), "--format", "json");
        JsonNode part = JsonMapper.shared().readTree(run.out()).at("/parts/0");
        assertThat(part.path("rows").asInt()).isEqualTo(1_000);
        assertThat(part.at("/missing/user_feature_1").asInt()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--store x",
                "--from x",
                "--from x --download --store x",
                "--from x --store x --max-rejected 1.5",
                "--from x --store x --max-rejected NaN",
                "--from x --store x --format xml",
                "--from x --store x --campaign kids",
                "--from x --store x --behavior greedy",
                "--from x --store x --to y",
                "--generate 0 --to x",
                "--generate 10",
                "--nonsense"
            })
    void wrong_usage_is_2(String args) {
        Run run = Run.of((Object[]) ("ingest " + args).split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).isNotBlank();
    }

    private Path zip(Path data, String top) throws IOException {
        Path zip = folder.resolve("data.zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip));
                var all = Files.walk(data)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(top + data.relativize(file)));
                Files.copy(file, out);
            }
        }
        return zip;
    }

    private static TreeMap<Path, String> files(Path folder) throws IOException {
        TreeMap<Path, String> files = new TreeMap<>();
        try (var all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                FileTime modified = Files.getLastModifiedTime(file);
                files.put(file, modified + " " + Checksum.of(file));
            }
        }
        return files;
    }
}
