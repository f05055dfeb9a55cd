package dev.bandit.core.simulation;

import dev.bandit.core.inference.ConfidenceSequence;
import dev.bandit.core.inference.Interval;
import java.util.OptionalInt;

/**
 * Stops on evidence that holds at all looks at once: if no arm differs, it ever names one with probability at most alpha,
 * however often one looks and however the arms share the traffic.
 *
 * @param alpha in (0, 1)
 */
public record AnytimeRule(Evidence evidence, double alpha) implements StopRule {
    /** What has to be shown. */
    public enum Evidence {
        /** The leader's confidence sequence lies above all others, each at alpha / arms. */
        SEQUENCES,
        /** The e-process says that arms differ; the arm of the largest mean is named. With more than two arms it may be the wrong one. */
        E_PROCESS,
        /** Either at alpha / 2; with more than two arms the sequences alone, since the e-process cannot tell which. */
        EITHER
    }

    /**
     * @throws IllegalArgumentException if alpha is outside (0, 1)
     */
    public AnytimeRule {
        if (!(alpha > 0 && alpha < 1)) {
            throw new IllegalArgumentException("alpha must be between 0 and 1, but is " + alpha);
        }
    }

    @Override
    public OptionalInt verdict(Look look) {
        int leader = look.largestMean();
        boolean over = switch (evidence) {
            case SEQUENCES -> isSeparate(leader, look, alpha);
            case E_PROCESS -> look.evidence().rejects(alpha);
            case EITHER ->
                look.arms() > 2
                        ? isSeparate(leader, look, alpha)
                        : look.evidence().rejects(alpha / 2) || isSeparate(leader, look, alpha / 2);
        };
        return over ? OptionalInt.of(leader) : OptionalInt.empty();
    }

    private static boolean isSeparate(int leader, Look look, double alpha) {
        double each = ConfidenceSequence.bonferroni(alpha, look.arms());
        Interval best = ConfidenceSequence.interval(look.seen(leader), each);
        for (int k = 0; k < look.arms(); k++) {
            if (k != leader && ConfidenceSequence.interval(look.seen(k), each).upper() >= best.lower()) {
                return false;
            }
        }
        return true;
    }
}
