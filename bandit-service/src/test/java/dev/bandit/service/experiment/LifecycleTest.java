package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Experiment.Status;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LifecycleTest {

    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-02-01T00:00:00Z");
    private static final Definition DEFINITION = Definition.of(Variants.equal("a", "b"));
    private static final Definition OTHER = Definition.of(Variants.equal("a", "b", "c"));

    private static Experiment at(Status status) {
        @Nullable String winner = status == Status.CONCLUDED ? "a" : null;
        return new Experiment("x", 5, DEFINITION, status, winner, THEN, THEN, null);
    }

    private static Experiment moved(Experiment from, String move) {
        return switch (move) {
            case "put" -> Lifecycle.replaced(from, OTHER, NOW);
            case "put-same" -> Lifecycle.replaced(from, DEFINITION, NOW);
            case "pause" -> Lifecycle.paused(from, NOW);
            case "resume" -> Lifecycle.resumed(from, NOW);
            case "conclude-a" -> Lifecycle.concluded(from, "a", NOW);
            case "conclude-b" -> Lifecycle.concluded(from, "b", NOW);
            case "archive" -> Lifecycle.archived(from, NOW);
            default -> throw new IllegalArgumentException(move);
        };
    }

    @ParameterizedTest(name = "{0} {1} -> {2}")
    @CsvSource({
        "RUNNING,   put,        RUNNING,   ",
        "RUNNING,   pause,      PAUSED,    ",
        "RUNNING,   conclude-b, CONCLUDED, b",
        "RUNNING,   archive,    ARCHIVED,  ",
        "PAUSED,    put,        PAUSED,    ",
        "PAUSED,    resume,     RUNNING,   ",
        "PAUSED,    conclude-a, CONCLUDED, a",
        "PAUSED,    archive,    ARCHIVED,  ",
        "CONCLUDED, put,        CONCLUDED, a",
        "CONCLUDED, resume,     RUNNING,   ",
        "CONCLUDED, archive,    ARCHIVED,  ",
        "ARCHIVED,  put,        RUNNING,   ",
        "ARCHIVED,  put-same,   RUNNING,   ",
    })
    void moves(Status from, String move, Status to, @Nullable String winner) {
        Experiment next = moved(at(from), move);

        assertThat(next.status()).isEqualTo(to);
        assertThat(next.winner()).isEqualTo(winner);
        assertThat(next.version()).isEqualTo(6);
        assertThat(next.createdAt()).isEqualTo(THEN);
        assertThat(next.updatedAt()).isEqualTo(NOW);
        assertThat(next.definition()).isEqualTo(move.equals("put") ? OTHER : DEFINITION);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "RUNNING,   put-same",
        "RUNNING,   resume",
        "PAUSED,    put-same",
        "PAUSED,    pause",
        "CONCLUDED, put-same",
        "CONCLUDED, conclude-a",
        "ARCHIVED,  archive",
    })
    void asking_for_what_is_already_so_changes_nothing(Status from, String move) {
        Experiment now = at(from);

        assertThat(moved(now, move)).isSameAs(now);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "CONCLUDED, pause",
        "CONCLUDED, conclude-b",
        "ARCHIVED,  pause",
        "ARCHIVED,  resume",
        "ARCHIVED,  conclude-a",
    })
    void refuses_moves_that_make_no_sense_with_a_sentence(Status from, String move) {
        assertThatExceptionOfType(ExperimentConflict.class)
                .isThrownBy(() -> moved(at(from), move))
                .satisfies(refused -> {
                    assertThat(refused.status()).isEqualTo(409);
                    assertThat(refused.detail())
                            .contains("experiment x is " + from.label())
                            .contains(": ");
                });
    }

    @Test
    void winner_is_one_of_the_arms() {
        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> Lifecycle.concluded(at(Status.RUNNING), "z", NOW))
                .satisfies(refused -> assertThat(refused.field()).contains("winner"));
    }

    @Test
    void feedback_cannot_change_even_while_archived() {
        Definition exposure = DEFINITION.toBuilder().feedback(Feedback.EXPOSURE).build();
        for (Status status : Status.values()) {
            assertThatExceptionOfType(ExperimentConflict.class)
                    .isThrownBy(() -> Lifecycle.replaced(at(status), exposure, NOW))
                    .withMessageContaining("make a new experiment")
                    .satisfies(refused -> assertThat(refused.field()).contains("feedback"));
        }
    }

    @Test
    void pinned_winner_cannot_be_removed() {
        assertThatExceptionOfType(ExperimentConflict.class)
                .isThrownBy(
                        () -> Lifecycle.replaced(at(Status.CONCLUDED), Definition.of(Variants.equal("b", "c")), NOW))
                .withMessageContaining("the winner");
    }

    @Test
    void audit_names_the_fields_that_changed() {
        Definition changed = OTHER.toBuilder().prior(new Prior(2, 1)).build();

        assertThat(Lifecycle.changedFields(DEFINITION, changed)).containsExactly("prior", "variants");
        assertThat(Lifecycle.changedFields(DEFINITION, DEFINITION)).isEmpty();
    }
}
