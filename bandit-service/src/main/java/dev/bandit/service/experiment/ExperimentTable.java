package dev.bandit.service.experiment;

import dev.bandit.service.experiment.Experiment.Status;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/** The tables {@code experiments}, {@code experiment_history} and {@code audit_log}. */
final class ExperimentTable {

    /** Held by every writer until it commits, so that revisions become visible in their order. */
    private static final long WRITERS_LOCK = 0x62616e6469740001L;

    private static final Logger LOG = LoggerFactory.getLogger(ExperimentTable.class);

    private static final String CHANGED_SINCE = sql("changed_since");
    private static final String LOCKED = sql("locked");
    private static final String MANAGED_BY = sql("managed_by");
    private static final String INSERT = sql("insert");
    private static final String UPDATE = sql("update");
    private static final String INSERT_HISTORY = sql("insert_history");
    private static final String HISTORY = sql("history");
    private static final String INSERT_AUDIT = sql("insert_audit");
    private static final String AUDIT_LOG = sql("audit_log");

    private final JdbcClient jdbc;

    ExperimentTable(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An experiment and its place in the order of all changes. */
    record Row(Experiment experiment, long revision) {}

    /** The highest revision there is; 0 when there are no experiments. */
    long head() {
        return jdbc.sql("select coalesce(max(revision), 0) from experiments")
                .query(Long.class)
                .single();
    }

    /** What changed after that revision, oldest first. A row that cannot be read is logged and left out. */
    List<Row> changedSince(long revision) {
        return jdbc.sql(CHANGED_SINCE).param("revision", revision).query((row, n) -> readable(row)).list().stream()
                .flatMap(Optional::stream)
                .toList();
    }

    /** The experiment of that id, held against other writers until the transaction ends. */
    Optional<Row> locked(String id) {
        writersLock();
        return jdbc.sql(LOCKED).param("id", id).query((row, n) -> read(row)).optional();
    }

    /** The experiments of that manager; read under the lock that {@link #locked} takes. */
    List<Row> managedBy(String manager) {
        writersLock();
        return jdbc.sql(MANAGED_BY)
                .param("manager", manager)
                .query((row, n) -> read(row))
                .list();
    }

    /** Writes a first version and its history; returns it with its revision. */
    Row insert(Experiment experiment, String actor) {
        long revision = bound(jdbc.sql(INSERT), experiment)
                .param("createdAt", at(experiment.createdAt()))
                .query(Long.class)
                .single();
        bound(jdbc.sql(INSERT_HISTORY), experiment).param("actor", actor).update();
        return new Row(experiment, revision);
    }

    /** Writes a later version and its history; returns it with its revision. */
    Row update(Experiment experiment, String actor) {
        long revision = bound(jdbc.sql(UPDATE), experiment).query(Long.class).single();
        bound(jdbc.sql(INSERT_HISTORY), experiment).param("actor", actor).update();
        return new Row(experiment, revision);
    }

    /** The versions below one, newest first. */
    List<ExperimentVersion> history(String id, int before, int limit) {
        return jdbc.sql(HISTORY)
                .param("id", id)
                .param("before", before)
                .param("limit", limit)
                .query((row, n) -> new ExperimentVersion(
                        row.getInt("version"),
                        status(row),
                        row.getString("winner"),
                        StoredDefinition.read(row.getString("definition")),
                        row.getString("actor"),
                        instant(row, "at")))
                .list();
    }

    void audit(Instant at, String actor, String action, Experiment experiment, Map<String, Object> detail) {
        jdbc.sql(INSERT_AUDIT)
                .param("at", at(at))
                .param("actor", actor)
                .param("action", action)
                .param("experimentId", experiment.id())
                .param("version", experiment.version())
                .param("detail", StoredDefinition.MAPPER.writeValueAsString(detail))
                .update();
    }

    /** The entries of the audit log below one, newest first. */
    List<AuditLogController.Entry> auditLog(String id, long before, int limit) {
        return jdbc.sql(AUDIT_LOG)
                .param("id", id)
                .param("before", before)
                .param("limit", limit)
                .query((row, n) -> new AuditLogController.Entry(
                        row.getLong("id"),
                        instant(row, "at"),
                        row.getString("actor"),
                        row.getString("action"),
                        row.getObject("version", Integer.class),
                        row.getString("detail")))
                .list();
    }

    private void writersLock() {
        jdbc.sql("select pg_advisory_xact_lock(:lock)")
                .param("lock", WRITERS_LOCK)
                .query((row, n) -> n)
                .single();
    }

    private static StatementSpec bound(StatementSpec statement, Experiment experiment) {
        return statement
                .param("id", experiment.id())
                .param("version", experiment.version())
                .param("status", experiment.status().label())
                .param("winner", experiment.winner())
                .param("definition", StoredDefinition.write(experiment.definition()))
                .param("updatedAt", at(experiment.updatedAt()))
                .param("managedBy", experiment.managedBy());
    }

    private static Optional<Row> readable(ResultSet row) throws SQLException {
        try {
            return Optional.of(read(row));
        } catch (RuntimeException e) {
            LOG.error(
                    "experiment {} at version {} cannot be read and is left as it was: {}",
                    row.getString("id"),
                    row.getInt("version"),
                    e.getMessage());
            return Optional.empty();
        }
    }

    private static Row read(ResultSet row) throws SQLException {
        Experiment experiment = new Experiment(
                row.getString("id"),
                row.getInt("version"),
                StoredDefinition.read(row.getString("definition")),
                status(row),
                row.getString("winner"),
                instant(row, "created_at"),
                instant(row, "updated_at"),
                row.getString("managed_by"));
        return new Row(experiment, row.getLong("revision"));
    }

    private static Status status(ResultSet row) throws SQLException {
        return Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static String sql(String name) {
        try (InputStream in = ExperimentTable.class.getResourceAsStream("/sql/experiment/" + name + ".sql")) {
            if (in == null) {
                throw new IllegalStateException(name + ".sql is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + ".sql cannot be read", e);
        }
    }
}
