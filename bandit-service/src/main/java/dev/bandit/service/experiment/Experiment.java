package dev.bandit.service.experiment;

import java.time.Instant;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One experiment as it stands: its definition, the version of that definition, and where it is in its life.
 *
 * @param id key and metric label, {@code [A-Za-z0-9._-]{1,128}}
 * @param version 1 for the first definition, +1 for every change of definition, status or who manages it
 * @param definition what was asked for, with every default filled in
 * @param status where it is in its life
 * @param winner the arm pinned by {@code conclude}, served with probability 1; null unless concluded
 * @param createdAt when version 1 was made
 * @param updatedAt when this version was made
 * @param managedBy what alone may change its definition or archive it, such as {@code experiments.yaml}; null: callers may
 */
public record Experiment(
        String id,
        int version,
        Definition definition,
        Status status,
        @Nullable String winner,
        Instant createdAt,
        Instant updatedAt,
        @Nullable String managedBy) {

    /** Checks the id and that a winner is there exactly when the experiment is concluded, and is one of its arms. */
    public Experiment {
        requireId(id);
        if (version < 1) {
            throw new IllegalArgumentException("version is " + version + ", expected 1 or more");
        }
        if ((status == Status.CONCLUDED) != (winner != null)) {
            throw new IllegalArgumentException("status is " + status + " and winner is " + winner);
        }
        if (winner != null && definition.armIndex(winner).isEmpty()) {
            throw new IllegalArgumentException("winner is " + winner + ", expected one of the arms");
        }
    }

    /** The life of an experiment. */
    public enum Status implements Label {
        RUNNING,
        /** Refuses selects; rewards of earlier decisions still count. */
        PAUSED,
        /** Serves the winner with probability 1. */
        CONCLUDED,
        /** Refuses selects and rewards; kept for its history. */
        ARCHIVED
    }

    /** The index of the arm of that name in the definition's order, if there is one. */
    public OptionalInt armIndex(String armId) {
        return definition.armIndex(armId);
    }

    /** Whether the text has the form of an experiment id (and of an arm name). */
    public static boolean isId(String text) {
        return Check.isName(text);
    }

    /** @throws InvalidDefinition if the text cannot be an experiment id */
    static String requireId(String id) {
        return Check.name("experiment_id", id);
    }
}
