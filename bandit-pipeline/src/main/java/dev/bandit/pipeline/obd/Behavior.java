package dev.bandit.pipeline.obd;

import java.util.Locale;

/** The policy that chose the items of a log. */
public enum Behavior {
    /** Uniformly at random. */
    RANDOM,
    /** Bernoulli Thompson sampling, fitted beforehand. */
    BTS;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
