package dev.bandit.pipeline.obd;

import java.util.Locale;

/** Which items a log is about. */
public enum Campaign {
    ALL,
    MEN,
    WOMEN;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
