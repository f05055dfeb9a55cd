package dev.bandit.service.analyze;

import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.posterior.CredibleInterval;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the newest snapshots say, test by test, in the order in which files name them, or sorted. */
public record Analysis(List<Test> tests) {

    private static final double LEVEL = 0.95;

    /**
     * @param superiority [a][b] is P(rate of a &gt; rate of b); the diagonal means nothing
     * @param newest when the latest of its snapshots was taken
     */
    public record Test(String testId, List<Variant> variants, double[][] superiority, Instant newest) {

        /** The variant that is best with the highest probability. */
        public Variant likelyWinner() {
            var winner = variants.getFirst();
            for (var variant : variants) {
                if (variant.probBest > winner.probBest) {
                    winner = variant;
                }
            }
            return winner;
        }
    }

    /**
     * @param interval 95 %, equal-tailed
     * @param probBest P(no other variant has a higher rate)
     */
    public record Variant(
            String name,
            BetaPosterior posterior,
            CredibleInterval interval,
            double probBest,
            long exposuresTotal,
            double successesTotal) {}

    /**
     * @param path a file or folder of snapshots
     * @param testId the only test to look at; null for all
     * @throws AnalysisFailed if there is nothing to analyze
     */
    public static Analysis of(Path path, @Nullable String testId) {
        return of(new SnapshotFiles(path), testId);
    }

    /**
     * @param table in DynamoDB, of the dynamodb sink
     * @param endpoint of a server that is not Amazon's; null for Amazon's
     * @param testId the only test to look at; null for all
     * @throws AnalysisFailed if there is nothing to analyze
     */
    public static Analysis ofTable(String table, String region, @Nullable URI endpoint, @Nullable String testId) {
        return of(new SnapshotItems(table, region, endpoint), testId);
    }

    private static Analysis of(SnapshotSource source, @Nullable String testId) {
        var analysis = of(source);
        if (analysis.tests.isEmpty()) {
            throw new AnalysisFailed("%s: has no snapshots, expected at least one".formatted(source));
        }
        return testId == null ? analysis : new Analysis(List.of(analysis.only(testId, source)));
    }

    private Test only(String testId, SnapshotSource source) {
        return tests.stream()
                .filter(test -> test.testId.equals(testId))
                .findFirst()
                .orElseThrow(() -> new AnalysisFailed("%s: has no test %s, expected one of %s"
                        .formatted(
                                source,
                                testId,
                                String.join(
                                        ", ", tests.stream().map(Test::testId).toList()))));
    }

    private static <V> Map<String, V> names(SnapshotSource source) {
        return source.inOrder() ? new LinkedHashMap<>() : new TreeMap<>();
    }

    private static Analysis of(SnapshotSource source) {
        Map<String, Map<String, Snapshot>> newest = names(source);
        source.read(snapshot -> newest.computeIfAbsent(snapshot.testId(), any -> names(source))
                .merge(
                        snapshot.variant(),
                        snapshot,
                        (before, now) -> now.timestamp().isBefore(before.timestamp()) ? before : now));
        return new Analysis(newest.entrySet().stream()
                .map(test -> test(test.getKey(), List.copyOf(test.getValue().values())))
                .toList());
    }

    private static Test test(String testId, List<Snapshot> snapshots) {
        try {
            return new Test(
                    testId,
                    variants(snapshots),
                    superiority(snapshots),
                    snapshots.stream()
                            .map(Snapshot::timestamp)
                            .max(Instant::compareTo)
                            .orElseThrow());
        } catch (ArithmeticException e) {
            throw new AnalysisFailed(
                    "Test %s: its posteriors are beyond what can be computed: %s".formatted(testId, e.getMessage()), e);
        }
    }

    private static List<Variant> variants(List<Snapshot> snapshots) {
        var probBest = BestArm.probabilities(
                snapshots.stream().mapToDouble(one -> one.posterior().alpha()).toArray(),
                snapshots.stream().mapToDouble(one -> one.posterior().beta()).toArray());
        var variants = new ArrayList<Variant>();
        for (int i = 0; i < probBest.length; i++) {
            var snapshot = snapshots.get(i);
            variants.add(new Variant(
                    snapshot.variant(),
                    snapshot.posterior(),
                    snapshot.posterior().credibleInterval(LEVEL),
                    probBest[i],
                    snapshot.exposuresTotal(),
                    snapshot.successesTotal()));
        }
        return variants;
    }

    private static double[][] superiority(List<Snapshot> snapshots) {
        int n = snapshots.size();
        var greater = new double[n][n];
        for (int a = 0; a < n; a++) {
            for (int b = a + 1; b < n; b++) {
                greater[a][b] = BestArm.probabilityGreater(
                        snapshots.get(a).posterior(), snapshots.get(b).posterior());
                greater[b][a] = 1 - greater[a][b];
            }
        }
        return greater;
    }
}
