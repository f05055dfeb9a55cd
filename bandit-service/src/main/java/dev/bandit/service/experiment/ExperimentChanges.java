package dev.bandit.service.experiment;

import dev.bandit.service.experiment.ExperimentTable.Row;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
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

    /** What a transaction left; created says that there was nothing before. */
    record Change(Row row, boolean created) {}

    Change put(String id, Definition definition, Precondition precondition, String actor) {
        Experiment.requireId(id);
        return inTransaction(() -> {
            Optional<Row> now = table.locked(id);
            precondition.check(id, now.map(Row::experiment).orElse(null));
            if (now.isPresent()) {
                return changed(now.get(), Lifecycle.replaced(now.get().experiment(), definition, time()), "put", actor);
            }
            Row created = table.insert(Lifecycle.created(id, definition, time()), actor);
            table.audit(
                    created.experiment().updatedAt(),
                    actor,
                    "create",
                    created.experiment(),
                    Map.of("arms", definition.variants().size()));
            return new Change(created, true);
        });
    }

    /** Makes a move of the lifecycle. */
    Change move(
            String id,
            String action,
            Precondition precondition,
            String actor,
            BiFunction<Experiment, Instant, Experiment> move) {
        return inTransaction(() -> {
            Row now = table.locked(id).orElseThrow(() -> new UnknownExperiment(id));
            precondition.check(id, now.experiment());
            return changed(now, move.apply(now.experiment(), time()), action, actor);
        });
    }

    private Change changed(Row now, Experiment next, String action, String actor) {
        Experiment before = now.experiment();
        if (next.equals(before)) {
            return new Change(now, false);
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
        List<String> fields = Lifecycle.changedFields(before.definition(), next.definition());
        if (!fields.isEmpty()) {
            detail.put("changed", fields);
        }
        table.audit(next.updatedAt(), actor, action, next, detail);
        return new Change(row, false);
    }

    private Change inTransaction(Supplier<Change> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }

    /** What Postgres can hold, so that an experiment reads back as it was written. */
    private Instant time() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
