package dev.bandit.service.faults;

import dev.bandit.service.faults.OutageClient.Answer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Answers of a load in few words: thousands of them in a message would tell nothing. */
final class OutageAnswers {

    /** When the JVM began to count, so that messages have small numbers. */
    private static final long ORIGIN = System.nanoTime();

    private OutageAnswers() {}

    /** Each kind of answer that was not 200, with how many, when, and one of them. */
    static List<String> failures(Collection<Answer> answers) {
        return kinds(answers.stream().filter(answer -> !answer.ok()).toList());
    }

    static List<String> kinds(Collection<Answer> answers) {
        Map<String, List<Answer>> kinds = new TreeMap<>(
                answers.stream().collect(Collectors.groupingBy(answer -> answer.status() + " " + detail(answer))));
        return kinds.values().stream()
                .map(same -> "%d at %.1f to %.1f s (now %.1f s), such as %s"
                        .formatted(
                                same.size(),
                                same.stream().mapToLong(Answer::sent).min().orElseThrow() / 1e9 - ORIGIN / 1e9,
                                same.stream().mapToLong(Answer::sent).max().orElseThrow() / 1e9 - ORIGIN / 1e9,
                                System.nanoTime() / 1e9 - ORIGIN / 1e9,
                                same.getFirst()))
                .toList();
    }

    private static String detail(Answer answer) {
        return answer.ok() || !answer.body().startsWith("{")
                ? ""
                : answer.json().path("detail").asString("");
    }

    /** Seconds within which a share of the answers came, all answers of whatever status counted. */
    static double quantile(Collection<Answer> answers, double share) {
        double[] sorted = answers.stream().mapToDouble(Answer::seconds).sorted().toArray();
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    /** The answers to what was sent after that time, in {@link System#nanoTime}. */
    static List<Answer> since(long nanoTime, Collection<Answer> answers) {
        return answers.stream().filter(answer -> answer.sent() - nanoTime >= 0).toList();
    }

    /** The answers to what was sent before that time, in {@link System#nanoTime}. */
    static List<Answer> before(long nanoTime, Collection<Answer> answers) {
        return answers.stream().filter(answer -> answer.sent() - nanoTime < 0).toList();
    }
}
