package dev.bandit.service.experiment;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a caller takes the experiment to be before it changes: HTTP's {@code If-Match} and {@code If-None-Match}. */
public sealed interface Precondition {

    /** Whatever is there, or nothing. */
    Precondition NONE = new Anything();

    /** There is no experiment of that id: {@code If-None-Match: *}. */
    Precondition ABSENT = new Absent();

    /** There is one, at whatever version: {@code If-Match: *}. */
    Precondition PRESENT = new Present();

    /** It stands at one of these versions: {@code If-Match: "3"}. */
    static Precondition version(Integer... versions) {
        return new AtVersion(Set.of(versions));
    }

    /**
     * @param now the experiment, or null if there is none
     * @throws StaleVersion if it is not what the caller took it to be
     */
    void check(String id, @Nullable Experiment now);

    /** See {@link #NONE}. */
    record Anything() implements Precondition {
        @Override
        public void check(String id, @Nullable Experiment now) {
            // any state will do
        }
    }

    /** See {@link #ABSENT}. */
    record Absent() implements Precondition {
        @Override
        public void check(String id, @Nullable Experiment now) {
            if (now != null) {
                throw new StaleVersion(
                        "If-None-Match",
                        "If-None-Match is *, expected no experiment " + id + ", but it stands at version "
                                + now.version());
            }
        }
    }

    /** See {@link #PRESENT}. */
    record Present() implements Precondition {
        @Override
        public void check(String id, @Nullable Experiment now) {
            if (now == null) {
                throw new StaleVersion(
                        "If-Match", "If-Match is *, expected an experiment " + id + ", but there is none");
            }
        }
    }

    /** See {@link #version}; with no versions it holds for none. */
    record AtVersion(Set<Integer> versions) implements Precondition {
        @Override
        public void check(String id, @Nullable Experiment now) {
            if (now == null || !versions.contains(now.version())) {
                throw new StaleVersion(
                        "If-Match",
                        "If-Match names "
                                + (versions.isEmpty()
                                        ? "no version"
                                        : "version "
                                                + versions.stream().sorted().toList())
                                + ", but experiment " + id
                                + (now == null ? " does not exist" : " stands at version \"" + now.version() + '"'));
            }
        }
    }
}
