package dev.bandit.service.experiment;

import dev.bandit.service.experiment.ExperimentChanges.Change;
import dev.bandit.service.experiment.ExperimentTable.Row;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;

/**
 * The experiments there are. Reads come from a copy in memory, never from Postgres, and go on when Postgres is away; the copy takes in what
 * other replicas changed every {@code bandit.experiment.refresh}, and at once when it is asked for an experiment that it does not know.
 *
 * <p>Changes go to Postgres in one transaction with their history and audit line, then to the copy, then {@link ExperimentChanged} is
 * published, all before the method returns. Published changes of one experiment are in the order of their versions.
 */
public final class ExperimentRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(ExperimentRegistry.class);

    private final ExperimentTable table;
    private final ExperimentChanges changes;
    private final ApplicationEventPublisher events;

    private final ConcurrentMap<String, Row> copy = new ConcurrentHashMap<>();
    /** One taker-in at a time, and the order of events. */
    private final ReentrantLock taking = new ReentrantLock();
    /** Everything up to this revision is in the copy; guarded by {@link #taking}. */
    private long seen;
    /** How many looks at Postgres have begun. */
    private final AtomicLong looks = new AtomicLong();

    private volatile boolean reachable = true;

    ExperimentRegistry(ExperimentTable table, ExperimentChanges changes, ApplicationEventPublisher events) {
        this.table = table;
        this.changes = changes;
        this.events = events;
    }

    /** The experiment of that id, archived ones included; empty also when Postgres would have to be asked and cannot be. */
    public Optional<Experiment> find(String id) {
        Row row = copy.get(id);
        if (row == null && Experiment.isId(id)) {
            refreshOnMiss(looks.get());
            row = copy.get(id);
        }
        return row == null ? Optional.empty() : Optional.of(row.experiment());
    }

    /**
     * The experiment of that id, archived ones included.
     *
     * @throws UnknownExperiment if there is none
     * @throws ExperimentUnreadable if none is known and Postgres, which may know it, cannot be asked
     */
    public Experiment get(String id) {
        Row row = copy.get(id);
        if (row != null) {
            return row.experiment();
        }
        return find(id).orElseThrow(() ->
                reachable || !Experiment.isId(id) ? new UnknownExperiment(id) : new ExperimentUnreadable(id));
    }

    /** All experiments as they stand, archived ones included, by id. */
    public Collection<Experiment> all() {
        return copy.values().stream()
                .map(Row::experiment)
                .sorted(Comparator.comparing(Experiment::id))
                .toList();
    }

    /**
     * Creates the experiment, or replaces its definition, or revives it if it is archived. The same definition again changes nothing.
     *
     * @throws InvalidDefinition if the id is not one
     * @throws StaleVersion if the precondition does not hold
     * @throws ExperimentConflict if the definition cannot follow the one there is, or the experiment is managed
     */
    public Put put(String id, Definition definition, Precondition precondition, String actor) {
        Change change = changes.put(id, definition, precondition, actor);
        return new Put(taken(change.row()), change.created());
    }

    /**
     * What {@link #put} did.
     *
     * @param experiment as it now stands
     * @param created whether there was none before
     */
    public record Put(Experiment experiment, boolean created) {}

    /** Stops selects; rewards of earlier decisions still count. Pausing twice changes nothing. */
    public Experiment pause(String id, Precondition precondition, String actor) {
        return taken(changes.move(id, "pause", precondition, actor, Lifecycle::paused)
                .row());
    }

    /** Takes up a paused or concluded experiment. */
    public Experiment resume(String id, Precondition precondition, String actor) {
        return taken(changes.move(id, "resume", precondition, actor, Lifecycle::resumed)
                .row());
    }

    /**
     * Pins the winner.
     *
     * @throws InvalidDefinition if the winner is not an arm
     * @throws ExperimentConflict if another winner is pinned already, or the experiment is archived
     */
    public Experiment conclude(String id, String winner, Precondition precondition, String actor) {
        return conclude(id, winner, precondition, actor, Map.of());
    }

    /**
     * Pins the winner, and puts on record what that was decided by.
     *
     * @param grounds what the audit log keeps, as JSON can have it
     * @see #conclude(String, String, Precondition, String)
     */
    public Experiment conclude(
            String id, String winner, Precondition precondition, String actor, Map<String, Object> grounds) {
        return taken(changes.move(
                        id, "conclude", precondition, actor, grounds, (now, at) -> Lifecycle.concluded(now, winner, at))
                .row());
    }

    /**
     * Sees to it that nobody gets an arm any more, or that it is taken up again; also of a managed experiment, until its manager says otherwise.
     *
     * @param grounds what the audit log keeps, as JSON can have it
     * @throws InvalidDefinition if there is no such arm, or no other that is not paused
     */
    public Experiment pauseArm(
            String id,
            String arm,
            boolean paused,
            Precondition precondition,
            String actor,
            Map<String, Object> grounds) {
        return taken(changes.move(
                        id,
                        (paused ? "pause arm " : "resume arm ") + arm,
                        precondition,
                        actor,
                        grounds,
                        (now, at) -> Lifecycle.armPaused(now, arm, paused, at))
                .row());
    }

    /** Ends the experiment; what it learned and its history stay. Archiving twice changes nothing. */
    public Experiment archive(String id, Precondition precondition, String actor) {
        return taken(changes.archive(id, precondition, actor).row());
    }

    /**
     * Makes these, and no others, the experiments that the manager manages, in one transaction: from then on callers cannot replace or
     * archive them. Those that it managed and are not among them go on, unmanaged. What is as wanted already is not changed.
     *
     * @return how many experiments were created, changed or released
     * @throws ManagementRefused with every conflict, if any cannot follow the definition there is; then nothing was changed
     */
    public int manage(String manager, Map<String, Definition> wanted, String actor) {
        int moved = 0;
        for (Change change : changes.manage(manager, wanted, actor)) {
            if (change.moved()) {
                moved++;
            }
            taken(change.row());
        }
        return moved;
    }

    /** The versions below {@code before}, newest first, from Postgres. */
    public List<ExperimentVersion> history(String id, int before, int limit) {
        return table.history(get(id).id(), before, limit);
    }

    /** What was done to the experiment, the entries below {@code before}, newest first, from Postgres. */
    List<AuditLogController.Entry> auditLog(String id, long before, int limit) {
        return table.auditLog(get(id).id(), before, limit);
    }

    /** Whether the last look at Postgres succeeded. */
    public boolean reachable() {
        return reachable;
    }

    /** Reads everything there is; publishes nothing. */
    void load() {
        taking.lock();
        try {
            seen = table.head();
            for (Row row : table.changedSince(0)) {
                copy.put(row.experiment().id(), row);
                seen = Math.max(seen, row.revision());
            }
        } finally {
            taking.unlock();
        }
    }

    /** Takes in what changed; when Postgres cannot be asked, the copy stays as it is. */
    void tryRefresh() {
        try {
            refresh();
            if (!reachable) {
                reachable = true;
                LOG.info("experiments are read from Postgres again");
            }
        } catch (DataAccessException e) {
            if (reachable) {
                reachable = false;
                LOG.warn(
                        "experiments cannot be read from Postgres, going on with the {} known: {}",
                        copy.size(),
                        e.getMessage());
            }
        }
    }

    private void refresh() {
        taking.lock();
        try {
            looks.incrementAndGet();
            long head = table.head();
            if (head == seen) {
                return;
            }
            if (head < seen) {
                LOG.warn("Postgres has gone back from revision {} to {}, reading all experiments anew", seen, head);
                List<Row> rows = table.changedSince(0);
                copy.keySet()
                        .retainAll(
                                rows.stream().map(row -> row.experiment().id()).toList());
                rows.forEach(this::replace);
                seen = head;
                return;
            }
            for (Row row : table.changedSince(seen)) {
                take(row);
                seen = Math.max(seen, row.revision());
            }
            seen = Math.max(seen, head);
        } finally {
            taking.unlock();
        }
    }

    private Experiment taken(Row row) {
        taking.lock();
        try {
            take(row);
        } finally {
            taking.unlock();
        }
        return row.experiment();
    }

    private void take(Row row) {
        Row held = copy.get(row.experiment().id());
        if (held == null || held.revision() < row.revision()) {
            replace(row);
        }
    }

    private void replace(Row row) {
        Row before = copy.put(row.experiment().id(), row);
        if (before == null || !before.experiment().equals(row.experiment())) {
            publish(new ExperimentChanged(row.experiment()));
        }
    }

    /** The change is committed: a listener that fails must not make it look refused, nor hide it from the other listeners' next event. */
    private void publish(ExperimentChanged change) {
        try {
            events.publishEvent(change);
        } catch (RuntimeException e) {
            LOG.error(
                    "a listener failed on the change of experiment {}",
                    change.now().id(),
                    e);
        }
    }

    /** Those who miss together look together: one look at a time, each for all who missed before it began; none while Postgres is away. */
    private void refreshOnMiss(long looksBefore) {
        if (!reachable) {
            return;
        }
        taking.lock();
        try {
            if (reachable && looks.get() == looksBefore) {
                tryRefresh();
            }
        } finally {
            taking.unlock();
        }
    }
}
