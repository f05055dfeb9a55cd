package dev.bandit.pipeline.cli;

import dev.bandit.cli.Progress;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.obd.Behavior;
import dev.bandit.pipeline.obd.Campaign;
import dev.bandit.pipeline.obd.Generator;
import dev.bandit.pipeline.obd.Ingest;
import dev.bandit.pipeline.obd.Ingest.Done;
import dev.bandit.pipeline.obd.Manifest;
import dev.bandit.pipeline.obd.Part;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.store.Download;
import dev.bandit.pipeline.store.Store;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "ingest",
        description = {
            "Check the Open Bandit Dataset, or logs of its shape, and keep them as Parquet.",
            "Or UCI's Online Retail II, from which it makes a log."
        },
        mixinStandardHelpOptions = true)
final class IngestCommand implements Callable<Integer> {

    /** Stands for the address of the dataset. */
    private static final String PUBLISHED = "published";

    private static final long PIECE = 128L << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    enum Format {
        TEXT,
        JSON
    }

    @Option(
            names = "--dataset",
            paramLabel = "DATASET",
            defaultValue = "obd",
            description = "obd or online-retail (default: ${DEFAULT-VALUE}).")
    private LoggedDataset dataset = LoggedDataset.OBD;

    @Option(
            names = "--from",
            paramLabel = "DIR|ZIP|XLSX",
            description = "The dataset: {random,bts}/{all,men,women}/…, or online_retail_II.xlsx.")
    private @Nullable Path from;

    @Option(
            names = "--download",
            paramLabel = "URL",
            arity = "0..1",
            fallbackValue = PUBLISHED,
            description =
                    "Fetch the zip first, by https (without URL: where the dataset is published). A download that broke off goes on.")
    private @Nullable URI download;

    @Option(
            names = "--store",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            description = "Where it is kept. S3 goes by AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and the like.")
    private @Nullable String store;

    @Option(
            names = "--behavior",
            paramLabel = "POLICY",
            split = ",",
            description = "Only these: random, bts (default: what is there).")
    private Set<Behavior> behaviors = EnumSet.allOf(Behavior.class);

    @Option(
            names = "--campaign",
            paramLabel = "CAMPAIGN",
            split = ",",
            description = "Only these: all, men, women (default: what is there).")
    private Set<Campaign> campaigns = EnumSet.allOf(Campaign.class);

    @Option(
            names = "--max-rejected",
            paramLabel = "SHARE",
            defaultValue = "0.01",
            description = "A log with more rejected rows is refused (default: ${DEFAULT-VALUE}).")
    private double maxRejected;

    @Mixin
    private final EngineOptions engine = new EngineOptions();

    @Option(
            names = "--piece",
            paramLabel = "BYTES",
            hidden = true,
            description = "Convert so much of a log at a time (default: all of it; with Spark 128 MiB).")
    private @Nullable Long piece;

    @Option(
            names = "--format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Of the answer (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TEXT;

    @Option(names = "--generate", hidden = true, description = "Instead: make a log of so many rows for each part.")
    private @Nullable Long generate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Of the log that online-retail makes (default: ${DEFAULT-VALUE}); the same one makes the same log.")
    private long seed;

    @Option(names = "--to", hidden = true, description = "The folder for them.")
    private @Nullable Path to;

    @Option(names = "--gzip", hidden = true, description = "Packs them.")
    private boolean gzip;

    @Spec
    private @Nullable CommandSpec spec;

    private final Pipes pipes;

    IngestCommand(Pipes pipes) {
        this.pipes = pipes;
    }

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        if (generate != null) {
            return generate(generate);
        }
        require(from != null ^ download != null, "Give either --from or --download");
        require(store != null, "Missing required option: '--store=DIR|s3://BUCKET/PREFIX'");
        require(maxRejected >= 0 && maxRejected <= 1, "--max-rejected is " + maxRejected + ", expected 0 to 1");
        require(piece == null || piece > 0, "--piece is " + piece + ", expected above 0");
        boolean retail = dataset == LoggedDataset.ONLINE_RETAIL;
        require(to == null && !gzip, "--to and --gzip go with --generate");
        require(retail || seed == 1, "--seed goes with --generate or --dataset online-retail");
        require(
                !retail || behaviors.size() == Behavior.values().length && campaigns.size() == Campaign.values().length,
                "--behavior and --campaign do not go with --dataset online-retail");
        require(!retail || !engine.asked() && piece == null, "--engine spark does not go with --dataset online-retail");
        try (Store opened = Store.open(Objects.requireNonNull(store))) {
            if (retail) {
                ingestRetail(opened);
            } else {
                List<Done> done = ingest(opened);
                print(opened, done, command.getOut());
                tell(opened, done);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private List<Done> ingest(Store opened) {
        try (Engine workers = engine.open()) {
            var settings = new Ingest.Settings(
                    part -> behaviors.contains(part.behavior()) && campaigns.contains(part.campaign()),
                    maxRejected,
                    split(workers));
            return watched(watch -> new Ingest(opened, settings, watch::at, version()).run(data(opened, watch)));
        }
    }

    private void ingestRetail(Store opened) {
        var settings = new dev.bandit.pipeline.retail.Ingest.Settings(maxRejected, seed);
        var done = watched(watch ->
                new dev.bandit.pipeline.retail.Ingest(opened, settings, watch, version()).run(data(opened, watch)));
        RetailAnswer answer = new RetailAnswer(opened.toString(), done.changed(), done.manifest());
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(format == Format.JSON ? JSON.writeValueAsString(answer.values()) : answer.text());
        out.flush();
        pipes.materialized("bronze", Map.of("store", opened.toString(), "files", 1));
        pipes.materialized(
                "silver",
                Map.of(
                        "store",
                        opened.toString(),
                        "rows",
                        done.manifest().lines(),
                        "rejected_rows",
                        done.manifest().rejected(),
                        "parts",
                        List.of(answer.values())));
    }

    /** What is read: a download is done first. */
    private Path data(Store opened, Download.Watch watch) {
        if (download == null) {
            return Objects.requireNonNull(from);
        }
        URI address = download.toString().equals(PUBLISHED) ? dataset.address() : download;
        return new Download(opened.cache(), watch).get(address);
    }

    private <T> T watched(Function<Download.Watch, T> work) {
        boolean terminal = System.console() != null && System.console().isTerminal();
        Progress progress =
                new Progress(Objects.requireNonNull(spec).commandLine().getErr(), terminal);
        long start = System.nanoTime();
        try {
            return work.apply((done, what) -> {
                if (terminal) {
                    progress.show(done, what, (System.nanoTime() - start) * 1e-9);
                }
            });
        } finally {
            progress.end();
        }
    }

    private Optional<Ingest.Split> split(Engine workers) {
        return piece != null || engine.spark()
                ? Optional.of(new Ingest.Split(workers, Objects.requireNonNullElse(piece, PIECE)))
                : Optional.empty();
    }

    private void tell(Store opened, List<Done> done) {
        List<Map<String, Object>> parts =
                done.stream().map(IngestCommand::answer).toList();
        long rows = done.stream().mapToLong(one -> one.manifest().rows()).sum();
        long rejected =
                done.stream().mapToLong(one -> one.manifest().rejected()).sum();
        pipes.materialized("bronze", Map.of("store", opened.toString(), "files", parts.size()));
        pipes.materialized(
                "silver", Map.of("store", opened.toString(), "rows", rows, "rejected_rows", rejected, "parts", parts));
    }

    private void print(Store opened, List<Done> done, PrintWriter out) {
        if (format == Format.JSON) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("store", opened.toString());
            answer.put("parts", done.stream().map(IngestCommand::answer).toList());
            out.println(JSON.writeValueAsString(answer));
        } else {
            out.printf(
                    Locale.ROOT, "%-14s%14s%12s%12s%12s  %s%n", "PART", "ROWS", "REJECTED", "CLICKS", "CLICK RATE", "");
            for (Done one : done) {
                Manifest manifest = one.manifest();
                out.printf(
                        Locale.ROOT,
                        "%-14s%,14d%,12d%,12d%10.3f %%  %s%n",
                        one.part(),
                        manifest.rows(),
                        manifest.rejected(),
                        manifest.sums().clicks(),
                        100.0 * manifest.sums().clicks() / manifest.rows(),
                        one.changed() ? "ingested" : "unchanged");
                manifest.reasons()
                        .forEach((reason, rows) -> out.printf(Locale.ROOT, "%28s%,12d  %s%n", "", rows, reason));
                manifest.missing()
                        .forEach(
                                (column, rows) -> out.printf(Locale.ROOT, "%28s%,12d  without %s%n", "", rows, column));
            }
            out.println(
                    done.stream().anyMatch(Done::changed)
                            ? "Ingested into " + opened + "."
                            : "Nothing to do: " + opened + " has all of it.");
        }
        out.flush();
    }

    private static Map<String, Object> answer(Done done) {
        Manifest manifest = done.manifest();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("behavior_policy", manifest.behaviorPolicy());
        answer.put("campaign", manifest.campaign());
        answer.put("status", done.changed() ? "ingested" : "unchanged");
        answer.put("rows", manifest.rows());
        answer.put("rejected", manifest.rejected());
        answer.put("reasons", manifest.reasons());
        answer.put("missing", manifest.missing());
        answer.put("items", manifest.items());
        answer.put("sums", manifest.sums());
        answer.put("logs", manifest.logs());
        return answer;
    }

    private int generate(long rows) {
        require(rows > 0, "--generate is " + rows + ", expected above 0");
        require(to != null, "Missing required option: '--to=DIR'");
        require(from == null && download == null && store == null, "--generate makes a folder, and ingests nothing");
        require(dataset == LoggedDataset.OBD, "--generate is for --dataset obd");
        require(!engine.asked() && piece == null, "--engine spark does not go with --generate");
        for (Behavior behavior : behaviors) {
            for (Campaign campaign : campaigns) {
                Generator.of(new Part(behavior, campaign), seed).write(Objects.requireNonNull(to), rows, gzip);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    /** What the build noted down in the jar. */
    private static String version() {
        String version = IngestCommand.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), otherwise);
        }
    }
}
