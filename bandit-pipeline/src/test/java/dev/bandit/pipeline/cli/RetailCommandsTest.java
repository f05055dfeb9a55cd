package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import com.sun.net.httpserver.SimpleFileServer.OutputLevel;
import dev.bandit.core.inference.SampleRatio;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.retail.Silver;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Dataset;
import dev.bandit.pipeline.testing.RetailWorkbook;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From a workbook of known baskets to the answers of replay, ope and conclude. */
class RetailCommandsTest {

    private static final long SEED = 11;
    private static final List<String> CATEGORIES = RetailWorkbook.categories();

    @TempDir
    private static Path folder;

    private static RetailWorkbook truth;
    private static Path workbook;
    private static Path store;
    private static Run ingested;

    @TempDir
    private Path own;

    @BeforeAll
    static void ingest() throws IOException {
        truth = RetailWorkbook.of(12_000, SEED);
        workbook = truth.write(folder.resolve("online_retail_II.xlsx"));
        store = folder.resolve("store");
        ingested = ingest(workbook, store, "--format", "json");
    }

    private static Run ingest(Path from, Path into, Object... more) {
        List<Object> all = new ArrayList<>(
                List.<Object>of("ingest", "--dataset", "online-retail", "--from", from, "--store", into));
        all.addAll(Arrays.asList(more));
        return Run.of(all.toArray());
    }

    private static JsonNode json(Run run) {
        assertThat(run.err()).isEmpty();
        return JsonMapper.shared().readTree(run.out());
    }

    @Test
    void every_line_counts_once_and_as_what_it_is() {
        JsonNode answer = json(ingested);
        assertThat(ingested.status()).isZero();
        assertThat(answer.path("status").asString()).isEqualTo("ingested");
        assertThat(truth.repeated()).isPositive();
        assertThat(answer.path("lines").asLong()).isEqualTo(truth.lines());
        assertThat(answer.path("repeated").asLong()).isEqualTo(truth.repeated());
        assertThat(answer.path("rejected").asLong()).isZero();
        Map<String, Long> kinds = new TreeMap<>();
        answer.path("kinds")
                .properties()
                .forEach(kind -> kinds.put(kind.getKey(), kind.getValue().asLong()));
        assertThat(kinds).isEqualTo(truth.kinds()).hasSize(5);
        assertThat(answer.path("cancelled_lines").asLong()).isEqualTo(truth.cancelledLines());
        assertThat(answer.path("cancelled_invoices").asLong())
                .isEqualTo(truth.cancelledInvoices())
                .isPositive();
        assertThat(answer.path("rows").asLong()).isEqualTo(truth.baskets().size());
        assertThat(answer.at("/missing/description").asLong()).isPositive();
        assertThat(answer.at("/missing/customer_id").asLong()).isPositive();
    }

    @Test
    void click_rates_are_those_of_all_baskets() throws IOException {
        JsonNode rates = json(ingested).path("click_rates");
        assertThat(rates.size()).isEqualTo(CATEGORIES.size());
        List<String> lines = new ArrayList<>(List.of("category,baskets,clicks,rate"));
        for (int i = 0; i < CATEGORIES.size(); i++) {
            JsonNode rate = rates.path(i);
            String category = rate.path("category").asString();
            assertThat(category).isEqualTo(CATEGORIES.get(i));
            assertThat(rate.path("baskets").asLong()).isEqualTo(truth.baskets().size());
            assertThat(rate.path("rate").asDouble()).isEqualTo(truth.rate(category));
            lines.add("%s,%d,%d,%s"
                    .formatted(
                            category,
                            truth.baskets().size(),
                            rate.path("clicks").asLong(),
                            truth.rate(category)));
        }
        try (var files = Files.list(store.resolve("bandit/silver/online-retail"))) {
            Path csv = files.filter(file -> file.getFileName().toString().startsWith("click_rates-"))
                    .findFirst()
                    .orElseThrow();
            assertThat(Files.readAllLines(csv)).isEqualTo(lines);
        }
    }

    /** The draw is right with probability 1 - 1e-6, and of a fixed seed. */
    @Test
    void each_basket_is_asked_about_one_category_drawn_uniformly() throws SQLException {
        long[] shown = new long[CATEGORIES.size()];
        Map<String, Integer> rows = new HashMap<>();
        String[] last = {""};
        try (Store open = Store.open(store.toString());
                Duck duck = Duck.open(own.resolve("aside"))) {
            duck.query("FROM read_parquet(" + Duck.quoted(Silver.open(open).log()) + ")", log -> {
                while (log.next()) {
                    String invoice = log.getString("invoice");
                    assertThat(log.getLong("row")).isEqualTo(rows.size());
                    rows.put(invoice, log.getInt("item_id"));
                    shown[log.getInt("item_id")]++;
                    boolean held = truth.baskets().get(invoice).contains(CATEGORIES.get(log.getInt("item_id")));
                    assertThat(log.getInt("click")).isEqualTo(held ? 1 : 0);
                    assertThat(log.getInt("position")).isEqualTo(1);
                    assertThat(log.getDouble("propensity_score")).isEqualTo(1.0 / CATEGORIES.size());
                    String at = log.getString("timestamp");
                    assertThat(at).isGreaterThanOrEqualTo(last[0]);
                    last[0] = at;
                }
            });
        }
        assertThat(rows.keySet()).isEqualTo(truth.baskets().keySet());
        double[] shares = new double[shown.length];
        Arrays.fill(shares, 1.0 / shown.length);
        assertThat(SampleRatio.fixed(shown, shares).orElseThrow().pValue()).isGreaterThan(1e-6);
    }

    /** Each interval misses with probability 1e-7, and there are three for each policy: less than 1e-6 together, and of a fixed seed. */
    private static void assertWithin(JsonNode report, double value) {
        for (String name : List.of("ipw", "snipw", "dr")) {
            JsonNode one = report.path("estimators")
                    .valueStream()
                    .filter(estimator -> estimator.path("name").asString().equals(name))
                    .findFirst()
                    .orElseThrow();
            assertThat(value)
                    .as(name)
                    .isBetween(
                            one.path("ci_low").asDouble(), one.path("ci_high").asDouble());
            assertThat(one.path("ci_high").asDouble() - one.path("ci_low").asDouble())
                    .as(name + " says something")
                    .isLessThan(0.25);
        }
    }

    private static Run ope(String policy) {
        return Run.of(
                "ope",
                "--store",
                store,
                "--dataset",
                "online-retail",
                "--policy",
                policy,
                "--level",
                "0.9999999",
                "--format",
                "json");
    }

    @Test
    void ope_finds_what_uniform_choice_earns() {
        double value = CATEGORIES.stream().mapToDouble(truth::rate).average().orElseThrow();
        JsonNode report = json(ope("uniform"));
        assertWithin(report, value);
        assertThat(report.path("mean_weight").asDouble()).isCloseTo(1, within(1e-9));
        assertThat(report.path("on_policy_value").asDouble()).isCloseTo(value, within(0.03));
    }

    @Test
    void ope_finds_what_any_policy_earns() throws IOException {
        Map<String, Map<String, Double>> policies = new TreeMap<>();
        CATEGORIES.forEach(category -> policies.put("always " + category, Map.of(category, 1.0)));
        policies.put("mixed", Map.of("bag", 0.5, "light", 0.2, "jewellery", 0.2, "other", 0.1));
        for (var policy : policies.entrySet()) {
            StringBuilder csv = new StringBuilder("arm,probability\n");
            double value = 0;
            for (var arm : policy.getValue().entrySet()) {
                csv.append(arm.getKey()).append(',').append(arm.getValue()).append('\n');
                value += arm.getValue() * truth.rate(arm.getKey());
            }
            Path table = Files.writeString(own.resolve("policy.csv"), csv);
            Run run = ope("table:" + table);
            assertThat(run.status()).as(policy.getKey()).isZero();
            assertWithin(json(run), value);
        }
    }

    @Test
    void an_arm_that_is_no_category_is_told() throws IOException {
        Path table = Files.writeString(own.resolve("policy.csv"), "arm,probability\nsofa,1\n");
        Run run = ope("table:" + table);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("the arm sofa");
    }

    private static String best() {
        return CATEGORIES.stream().max(Comparator.comparingDouble(truth::rate)).orElseThrow();
    }

    @Test
    void replay_learns_the_best_category() {
        Run run = Run.of("replay", "--store", store, "--dataset", "online-retail", "--seeds", 8, "--format", "json");
        assertThat(run.status()).as(run.err()).isZero();
        JsonNode report = json(run);
        assertThat(report.path("rounds").asLong()).isEqualTo(truth.baskets().size());
        assertThat(report.path("least_propensity").asDouble()).isEqualTo(1.0 / CATEGORIES.size());
        assertThat(report.at("/best_arm/arm").asString()).isEqualTo(best());
        double uniform = CATEGORIES.stream().mapToDouble(truth::rate).average().orElseThrow();
        assertThat(report.at("/reward/mean").asDouble()).isBetween(uniform, truth.rate(best()));
    }

    @Test
    void conclude_names_the_best_category() {
        Run run = Run.of(
                "conclude",
                "--store",
                store,
                "--dataset",
                "online-retail",
                "--max-expected-loss",
                "0.01",
                "--prob-best",
                "0.9",
                "--format",
                "json");
        assertThat(run.status()).as(run.out()).isZero();
        JsonNode conclusion = json(run);
        assertThat(conclusion.path("winner").asString()).isEqualTo(best());
        long decisions = conclusion
                .path("arms")
                .valueStream()
                .mapToLong(arm -> arm.path("decisions").asLong())
                .sum();
        assertThat(decisions).isEqualTo(truth.baskets().size());
    }

    @Test
    void a_second_run_does_nothing_and_says_so() throws IOException {
        TreeMap<String, Checksum> before = Dataset.contents(store.resolve("bandit"));
        Run again = ingest(workbook, store);
        assertThat(again.status()).isZero();
        assertThat(again.out()).contains("Nothing to do").doesNotContain("Ingested");
        assertThat(Dataset.contents(store.resolve("bandit"))).isEqualTo(before);
    }

    @Test
    void folders_and_zips_give_the_same_bytes_and_so_does_a_run_that_goes_on() throws IOException {
        TreeMap<String, Checksum> expected = Dataset.contents(store.resolve("bandit"));
        Path zip = RetailWorkbook.zip(workbook, own.resolve("retail.zip"), "");
        Path deeper = RetailWorkbook.zip(workbook, own.resolve("deeper.zip"), "online retail ii/");
        for (Path from : List.of(folder, zip, deeper)) {
            Path place = own.resolve("store of " + from.getFileName());
            assertThat(ingest(from, place).err()).isEmpty();
            assertThat(Dataset.contents(place.resolve("bandit"))).isEqualTo(expected);
        }
        Path place = own.resolve("store of retail.zip");
        Path silver = place.resolve("bandit/silver/online-retail");
        Files.delete(silver.resolve("manifest.json"));
        Files.writeString(silver.resolve("log-half.parquet"), "half");
        assertThat(ingest(zip, place).out()).contains("Ingested");
        assertThat(Dataset.contents(place.resolve("bandit"))).isEqualTo(expected);
    }

    @Test
    void a_download_is_ingested() throws IOException {
        RetailWorkbook.zip(workbook, own.resolve("retail.zip"), "");
        HttpServer server = SimpleFileServer.createFileServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), own, OutputLevel.NONE);
        server.start();
        Path place = own.resolve("store");
        try {
            String address = "http://127.0.0.1:" + server.getAddress().getPort() + "/retail.zip";
            Run run = Run.of("ingest", "--dataset", "online-retail", "--download", address, "--store", place);
            assertThat(run.status()).as(run.err()).isZero();
        } finally {
            server.stop(0);
        }
        assertThat(Dataset.contents(place.resolve("bandit"))).isEqualTo(Dataset.contents(store.resolve("bandit")));
    }

    @Test
    void another_seed_asks_about_other_categories_and_finds_the_same_rates() throws IOException {
        Path place = own.resolve("store");
        ingest(workbook, place);
        JsonNode other = json(ingest(workbook, place, "--seed", 2, "--format", "json"));
        JsonNode one = json(ingested);
        assertThat(other.path("status").asString()).isEqualTo("ingested");
        assertThat(other.path("click_rates")).isEqualTo(one.path("click_rates"));
        assertThat(other.at("/log/sha256")).isNotEqualTo(one.at("/log/sha256"));
    }

    @Test
    void there_is_one_position() {
        Run run = Run.of("conclude", "--store", store, "--dataset", "online-retail", "--position", 2);
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("online-retail has no position 2, only 1");
    }

    @Test
    void what_was_not_ingested_is_told() {
        Run run = Run.of("replay", "--store", own, "--dataset", "online-retail");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("There is no online-retail in", "--dataset online-retail puts it there");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ingest --dataset sofas --from x --store y",
                "ingest --dataset online-retail --from x --store y --campaign men",
                "ingest --dataset online-retail --from x --store y --behavior bts",
                "ingest --dataset online-retail --from x --store y --gzip",
                "ingest --dataset online-retail --generate 10 --to x",
                "ingest --from x --store y --seed 2",
                "replay --store x --dataset online-retail --campaign men",
                "replay --store x --dataset obd --campaign men",
                "replay --store x --behavior bts",
                "replay --store x"
            })
    void wrong_usage_is_2(String args) {
        Run run = Run.of((Object[]) args.split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).isNotBlank();
    }
}
