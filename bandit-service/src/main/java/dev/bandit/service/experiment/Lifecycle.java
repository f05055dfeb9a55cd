package dev.bandit.service.experiment;

import dev.bandit.service.experiment.Experiment.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The moves an experiment can make. Each returns the next version, or the same object when there is nothing to change, or refuses with
 * {@link ExperimentConflict}.
 *
 * <pre>
 *             put        pause     resume    conclude   archive
 * running     running    paused    -         concluded  archived
 * paused      paused     -         running   concluded  archived
 * concluded   concluded  refused   running   -, if the same winner   archived
 * archived    running    refused   refused   refused    -
 * </pre>
 */
final class Lifecycle {

    private Lifecycle() {}

    static Experiment created(String id, Definition definition, @Nullable String manager, Instant at) {
        return new Experiment(id, 1, definition, Status.RUNNING, null, at, at, manager);
    }

    /** Another definition; an archived experiment comes back to life with what it had learned. */
    static Experiment replaced(Experiment now, Definition definition, Instant at) {
        if (definition.feedback() != now.definition().feedback()) {
            throw new ExperimentConflict(
                    "feedback is " + definition.feedback().label() + ", expected "
                            + now.definition().feedback().label() + ": what experiment " + now.id()
                            + " has counted so far would change its meaning; make a new experiment",
                    "feedback");
        }
        if (now.winner() != null && definition.armIndex(now.winner()).isEmpty()) {
            throw new ExperimentConflict(
                    "variants lack " + now.winner() + ", the winner of the concluded experiment " + now.id()
                            + "; keep that arm, or archive the experiment first",
                    "variants");
        }
        if (now.status() == Status.ARCHIVED) {
            return next(now, definition, Status.RUNNING, null, at);
        }
        return definition.equals(now.definition()) ? now : next(now, definition, now.status(), now.winner(), at);
    }

    static Experiment paused(Experiment now, Instant at) {
        return switch (now.status()) {
            case RUNNING -> next(now, now.definition(), Status.PAUSED, null, at);
            case PAUSED -> now;
            case CONCLUDED, ARCHIVED -> throw refused(now, "paused", "only a running experiment can be");
        };
    }

    static Experiment resumed(Experiment now, Instant at) {
        return switch (now.status()) {
            case RUNNING -> now;
            case PAUSED, CONCLUDED -> next(now, now.definition(), Status.RUNNING, null, at);
            case ARCHIVED ->
                throw refused(
                        now,
                        "resumed",
                        "only a paused or concluded experiment can be; PUT its definition to reopen it");
        };
    }

    static Experiment concluded(Experiment now, String winner, Instant at) {
        if (now.definition().armIndex(winner).isEmpty()) {
            throw new InvalidDefinition(
                    "winner", "is " + Check.shown(winner) + ", expected the name of an arm of experiment " + now.id());
        }
        return switch (now.status()) {
            case RUNNING, PAUSED -> next(now, now.definition(), Status.CONCLUDED, winner, at);
            case CONCLUDED -> {
                if (winner.equals(now.winner())) {
                    yield now;
                }
                throw refused(now, "concluded with " + winner, "its winner is " + now.winner());
            }
            case ARCHIVED -> throw refused(now, "concluded", "only a running or paused experiment can be");
        };
    }

    /** An arm that nobody gets any more, or that is taken up again. */
    static Experiment armPaused(Experiment now, String arm, boolean paused, Instant at) {
        if (now.status() == Status.ARCHIVED) {
            throw refused(now, "changed", "PUT its definition to reopen it");
        }
        Definition definition = now.definition().toBuilder()
                .variants(now.definition().variants().withPaused(arm, paused))
                .build();
        return definition.equals(now.definition()) ? now : next(now, definition, now.status(), now.winner(), at);
    }

    static Experiment archived(Experiment now, Instant at) {
        return now.status() == Status.ARCHIVED ? now : next(now, now.definition(), Status.ARCHIVED, null, at);
    }

    /** The same under another management, null for none. Taken together with another move it makes one version with it. */
    static Experiment managed(Experiment before, Experiment now, @Nullable String manager, Instant at) {
        return Objects.equals(now.managedBy(), manager)
                ? now
                : new Experiment(
                        now.id(),
                        before.version() + 1,
                        now.definition(),
                        now.status(),
                        now.winner(),
                        now.createdAt(),
                        at,
                        manager);
    }

    /** The fields of the definition that differ, for the audit log. */
    static List<String> changedFields(Definition before, Definition after) {
        List<String> changed = new ArrayList<>();
        DefinitionJson from = DefinitionJson.from(before);
        DefinitionJson to = DefinitionJson.from(after);
        note(changed, "policy", from.policy(), to.policy());
        note(changed, "epsilon", from.epsilon(), to.epsilon());
        note(changed, "prior", from.prior(), to.prior());
        note(changed, "window", from.window(), to.window());
        note(changed, "exposure_event", from.exposureEvent(), to.exposureEvent());
        note(changed, "success_event", from.successEvent(), to.successEvent());
        note(changed, "variants", from.variants(), to.variants());
        note(changed, "min_allocation", from.minAllocation(), to.minAllocation());
        note(changed, "sticky_ttl", from.stickyTtl(), to.stickyTtl());
        note(changed, "reward_ack", from.rewardAck(), to.rewardAck());
        note(changed, "decision_ack", from.decisionAck(), to.decisionAck());
        note(changed, "guardrails", from.guardrails(), to.guardrails());
        note(changed, "stop", from.stop(), to.stop());
        return changed;
    }

    private static void note(List<String> changed, String field, @Nullable Object before, @Nullable Object after) {
        if (!Objects.equals(before, after)) {
            changed.add(field);
        }
    }

    private static Experiment next(
            Experiment now, Definition definition, Status status, @Nullable String winner, Instant at) {
        return new Experiment(
                now.id(), now.version() + 1, definition, status, winner, now.createdAt(), at, now.managedBy());
    }

    private static ExperimentConflict refused(Experiment now, String move, String why) {
        return new ExperimentConflict(
                "experiment " + now.id() + " is " + now.status().label() + " and cannot be " + move + ": " + why, null);
    }
}
