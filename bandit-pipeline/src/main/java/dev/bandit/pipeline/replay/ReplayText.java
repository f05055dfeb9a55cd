package dev.bandit.pipeline.replay;

import dev.bandit.pipeline.replay.ReplayReport.Ends;
import dev.bandit.pipeline.replay.ReplayReport.Point;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A replay for people: what was replayed, what it earned, and some points of its curves. */
public final class ReplayText {

    private static final int SHOWN = 5;

    private ReplayText() {}

    public static String of(ReplayReport report) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "%s%s on %s: %,d rounds, %d runs, batches of %,d, delay %,d, seed %d.",
                        report.policy(),
                        report.epsilon() == null ? "" : " " + report.epsilon(),
                        report.log(),
                        report.rounds(),
                        report.runs().size(),
                        report.batch(),
                        report.delay(),
                        report.seed()));
        text.append(System.lineSeparator());
        line(
                text,
                String.format(Locale.ROOT, "%-22s %10s   %-26s %s", "", "MEAN", "95 % OVER SEEDS", "95 % OF ONE LOG"));
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "%-22s %10.5f   %-26s",
                        "Match rate",
                        report.matchRate().mean(),
                        ends("%.5f to %.5f", report.matchRate().seeds())));
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "%-22s %10.6f   %-26s %s",
                        "Reward a decision",
                        report.reward().mean(),
                        ends("%.6f to %.6f", report.reward().seeds()),
                        ends("%.6f to %.6f", report.rewardByLog())));
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "%-22s %10.1f   %-26s",
                        "Regret, %,d decisions".formatted(report.horizon()),
                        report.regret().mean(),
                        ends("%.1f to %.1f", report.regret().seeds())));
        text.append(System.lineSeparator());
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "The policy that decided earned %.6f a round; arm %s earned most on the log, %.6f, which regret is against.",
                        report.loggedReward(),
                        report.bestArm().arm(),
                        report.bestArm().reward()));
        text.append(System.lineSeparator());
        line(text, String.format(Locale.ROOT, "%12s %12s %12s", "DECISIONS", "REWARDS", "REGRET"));
        List<Point> curve = report.curve();
        for (int i = 1; i <= Math.min(SHOWN, curve.size()); i++) {
            Point point = curve.get(curve.size() * i / Math.min(SHOWN, curve.size()) - 1);
            line(
                    text,
                    String.format(
                            Locale.ROOT,
                            "%,12d %,12.1f %,12.1f",
                            point.decisions(),
                            point.rewards().mean(),
                            point.regret().mean()));
        }
        return text.toString().stripTrailing();
    }

    private static String ends(String format, @Nullable Ends ends) {
        return ends == null ? "–" : String.format(Locale.ROOT, format, ends.low(), ends.high());
    }

    private static void line(StringBuilder text, String line) {
        text.append(line.stripTrailing()).append(System.lineSeparator());
    }
}
