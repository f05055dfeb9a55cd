package dev.bandit.service.experiment;

import dev.bandit.service.experiment.ExperimentTable.Row;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;

/** Changes experiments: each in one transaction with its history and its line in the audit log. */
final class ExperimentChanges {

    private final ExperimentTable table;
    private final TransactionOperations transaction;
    private final Clock clock;

    ExperimentChanges(ExperimentTable table, TransactionOperations transaction, Clock clock) {
        this.table = table;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** What a transaction left; created says that there was nothing before, moved that it is not as it was. */
    record Change(Row row, boolean created, boolean moved) {}

    Change put(String id, Definition definition, Precondition precondition, String actor) {
        Experiment.requireId(id);
        return inTransaction(() -> {
            Optional<Row> now = table.locked(id);
            precondition.check(id, now.map(Row::experiment).orElse(null));
            now.ifPresent(row -> requireUnmanaged(row.experiment()));
            return put(id, now, definition, null, actor);
        });
    }

    private Change put(String id, Optional<Row> now, Definition definition, @Nullable String manager, String actor) {
        Instant at = time();
        if (now.isPresent()) {
            Experiment before = now.get().experiment();
            Experiment next = Lifecycle.managed(before, Lifecycle.replaced(before, definition, at), manager, at);
            return changed(now.get(), next, "put", actor);
        }
        Row row = table.insert(Lifecycle.created(id, definition, manager, at), actor);
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("arms", definition.variants().size());
        if (manager != null) {
            detail.put("managed_by", manager);
        }
        table.audit(row.experiment().updatedAt(), actor, "create", row.experiment(), detail);
        return new Change(row, true, true);
    }

    /**
     * Makes these the experiments that the manager manages, all or none of them.
     *
     * @throws ManagementRefused with every one that cannot be as it is wanted
     */
    List<Change> manage(String manager, Map<String, Definition> wanted, String actor) {
        wanted.keySet().forEach(Experiment::requireId);
        return inTransaction(() -> {
            List<Change> changes = new ArrayList<>();
            Map<String, ExperimentConflict> conflicts = new LinkedHashMap<>();
            wanted.forEach((id, definition) -> {
                try {
                    changes.add(put(id, table.locked(id), definition, manager, actor));
                } catch (ExperimentConflict e) {
                    conflicts.put(id, e);
                }
            });
            if (!conflicts.isEmpty()) {
                throw new ManagementRefused(conflicts);
            }
            for (Row row : table.managedBy(manager)) {
                Experiment now = row.experiment();
                if (!wanted.containsKey(now.id())) {
                    changes.add(changed(row, Lifecycle.managed(now, now, null, time()), "release", actor));
                }
            }
            return changes;
        });
    }

    Change archive(String id, Precondition precondition, String actor) {
        return move(id, "archive", precondition, actor, (now, at) -> {
            requireUnmanaged(now);
            return Lifecycle.archived(now, at);
        });
    }

    private static void requireUnmanaged(Experiment now) {
        if (now.managedBy() != null) {
            throw new ExperimentConflict(
                    "experiment " + now.id() + " is managed by " + now.managedBy()
                            + "; change it there, or take it out of there first",
                    "managed_by");
        }
    }

    /** Makes a move of the lifecycle. */
    Change move(
            String id,
            String action,
            Precondition precondition,
            String actor,
            BiFunction<Experiment, Instant, Experiment> move) {
        return move(id, action, precondition, actor, Map.of(), move);
    }

    /** @param grounds what else the audit log says */
    Change move(
            String id,
            String action,
            Precondition precondition,
            String actor,
            Map<String, Object> grounds,
            BiFunction<Experiment, Instant, Experiment> move) {
        return inTransaction(() -> {
            Row now = table.locked(id).orElseThrow(() -> new UnknownExperiment(id));
            precondition.check(id, now.experiment());
            return changed(now, move.apply(now.experiment(), time()), action, actor, grounds);
        });
    }

    private Change changed(Row now, Experiment next, String action, String actor) {
        return changed(now, next, action, actor, Map.of());
    }

    private Change changed(Row now, Experiment next, String action, String actor, Map<String, Object> grounds) {
        Experiment before = now.experiment();
        if (next.equals(before)) {
            return new Change(now, false, false);
        }
        Row row = table.update(next, actor);
        Map<String, Object> detail = new LinkedHashMap<>();
        if (next.status() != before.status()) {
            detail.put("from", before.status().label());
            detail.put("to", next.status().label());
        }
        if (next.winner() != null) {
            detail.put("winner", next.winner());
        }
        if (!Objects.equals(next.managedBy(), before.managedBy())) {
            detail.put("managed_by", Objects.requireNonNullElse(next.managedBy(), "none"));
        }
        List<String> fields = Lifecycle.changedFields(before.definition(), next.definition());
        if (!fields.isEmpty()) {
            detail.put("changed", fields);
        }
        detail.putAll(grounds);
        table.audit(next.updatedAt(), actor, action, next, detail);
        return new Change(row, false, true);
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }

    /** What Postgres can hold, so that an experiment reads back as it was written. */
    private Instant time() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
