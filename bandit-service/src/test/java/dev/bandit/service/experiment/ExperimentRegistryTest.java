package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.testing.Servers;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

class ExperimentRegistryTest {

    private static final Definition TWO = Definition.of(Variants.equal("a", "b"));
    private static final Definition THREE = Definition.of(Variants.equal("a", "b", "c"));
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123456789Z");

    private final List<Experiment> announced = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private DataSource postgres = migrated(Servers.freshDatabase());
    private ExperimentRegistry registry = replica(announced);

    @BeforeEach
    void load() {
        registry.load();
    }

    private static DataSource migrated(Servers.Database database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.jdbcUrl());
        source.setUser(database.username());
        source.setPassword(database.password());
        source.setConnectTimeout(2);
        Flyway.configure().dataSource(source).load().migrate();
        return source;
    }

    private ExperimentRegistry replica(List<Experiment> announcements) {
        ExperimentTable table = new ExperimentTable(JdbcClient.create(postgres));
        ExperimentChanges changes = new ExperimentChanges(
                table,
                new TransactionTemplate(new JdbcTransactionManager(postgres)),
                Clock.fixed(NOON, ZoneOffset.UTC));
        return new ExperimentRegistry(
                table,
                changes,
                event -> announcements.add(((ExperimentChanged) event).now()),
                Duration.ofMillis(100),
                nanos::get);
    }

    private Experiment put(String id, Definition definition) {
        return registry.put(id, definition, Precondition.NONE, "ann").experiment();
    }

    private List<Map<String, Object>> rows(String sql) {
        return JdbcClient.create(postgres).sql(sql).query().listOfRows();
    }

    @Test
    void new_experiment_runs_at_version_one() {
        ExperimentRegistry.Put put = registry.put("x", TWO, Precondition.NONE, "ann");

        assertThat(put.created()).isTrue();
        assertThat(put.experiment())
                .isEqualTo(new Experiment(
                        "x",
                        1,
                        TWO,
                        Status.RUNNING,
                        null,
                        Instant.parse("2026-03-01T12:00:00.123456Z"),
                        Instant.parse("2026-03-01T12:00:00.123456Z")));
        assertThat(registry.get("x")).isEqualTo(put.experiment());
        assertThat(announced).containsExactly(put.experiment());
    }

    @Test
    void same_definition_again_changes_nothing() {
        put("x", TWO);
        ExperimentRegistry.Put again = registry.put("x", TWO, Precondition.NONE, "ben");

        assertThat(again.created()).isFalse();
        assertThat(again.experiment().version()).isEqualTo(1);
        assertThat(announced).hasSize(1);
        assertThat(rows("select * from audit_log")).hasSize(1);
    }

    @Test
    void every_change_is_a_version_with_history_and_an_audit_line() {
        put("x", TWO);
        registry.put("x", THREE.toBuilder().prior(new Prior(2, 3)).build(), Precondition.version(1), "ben");
        registry.pause("x", Precondition.NONE, "cleo");
        registry.conclude("x", "c", Precondition.NONE, "dan");
        registry.archive("x", Precondition.NONE, "eve");
        registry.put("x", TWO, Precondition.NONE, "fay");

        assertThat(registry.history("x", Integer.MAX_VALUE, 100))
                .extracting(
                        ExperimentVersion::version,
                        ExperimentVersion::status,
                        ExperimentVersion::winner,
                        ExperimentVersion::actor)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(6, Status.RUNNING, null, "fay"),
                        org.assertj.core.groups.Tuple.tuple(5, Status.ARCHIVED, null, "eve"),
                        org.assertj.core.groups.Tuple.tuple(4, Status.CONCLUDED, "c", "dan"),
                        org.assertj.core.groups.Tuple.tuple(3, Status.PAUSED, null, "cleo"),
                        org.assertj.core.groups.Tuple.tuple(2, Status.RUNNING, null, "ben"),
                        org.assertj.core.groups.Tuple.tuple(1, Status.RUNNING, null, "ann"));
        assertThat(registry.history("x", 3, 1))
                .extracting(ExperimentVersion::version)
                .containsExactly(2);
        assertThat(registry.history("x", 3, 1).getFirst().definition().prior()).isEqualTo(new Prior(2, 3));
        assertThat(announced).extracting(Experiment::version).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(rows("select actor, action, version, detail::text from audit_log order by id"))
                .extracting(row ->
                        row.get("actor") + " " + row.get("action") + " " + row.get("version") + " " + row.get("detail"))
                .containsExactly(
                        "ann create 1 {\"arms\": 2}",
                        "ben put 2 {\"changed\": [\"prior\", \"variants\"]}",
                        "cleo pause 3 {\"to\": \"paused\", \"from\": \"running\"}",
                        "dan conclude 4 {\"to\": \"concluded\", \"from\": \"paused\", \"winner\": \"c\"}",
                        "eve archive 5 {\"to\": \"archived\", \"from\": \"concluded\"}",
                        "fay put 6 {\"to\": \"running\", \"from\": \"archived\", \"changed\": [\"prior\", \"variants\"]}");
    }

    @Test
    void refused_change_leaves_no_trace() {
        put("x", TWO);

        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> registry.put("x", THREE, Precondition.version(2), "ben"));
        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> registry.put("x", THREE, Precondition.ABSENT, "ben"));
        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> registry.put("y", THREE, Precondition.PRESENT, "ben"));
        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> registry.pause("x", Precondition.version(7), "ben"));
        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> registry.conclude("x", "z", Precondition.NONE, "ben"));
        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> registry.put("no id", TWO, Precondition.NONE, "ben"));
        assertThatExceptionOfType(UnknownExperiment.class)
                .isThrownBy(() -> registry.pause("y", Precondition.NONE, "ben"));

        assertThat(registry.all()).extracting(Experiment::version).containsExactly(1);
        assertThat(announced).hasSize(1);
        assertThat(rows("select * from experiment_history")).hasSize(1);
        assertThat(rows("select * from audit_log")).hasSize(1);
    }

    @Test
    void unknown_experiment_is_said_to_be_unknown() {
        assertThat(registry.find("x")).isEmpty();
        assertThatExceptionOfType(UnknownExperiment.class)
                .isThrownBy(() -> registry.get("x"))
                .satisfies(unknown -> assertThat(unknown.status()).isEqualTo(404));
    }

    @Test
    void of_writers_that_name_the_same_version_one_wins() throws Exception {
        put("x", TWO);
        List<Callable<Boolean>> writers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Definition mine = TWO.toBuilder().epsilon(0.01 * (i + 1)).build();
            writers.add(() -> {
                try {
                    registry.put("x", mine, Precondition.version(1), "racer");
                    return true;
                } catch (StaleVersion e) {
                    return false;
                }
            });
        }
        int won = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> writer : threads.invokeAll(writers)) {
                won += writer.get() ? 1 : 0;
            }
        }

        assertThat(won).isEqualTo(1);
        assertThat(registry.get("x").version()).isEqualTo(2);
        assertThat(registry.get("x").definition())
                .isEqualTo(registry.history("x", 3, 1).getFirst().definition());
    }

    @Test
    void starts_with_what_there_is_and_announces_none_of_it() {
        put("x", TWO);
        put("y", THREE);
        List<Experiment> heard = new ArrayList<>();
        ExperimentRegistry restarted = replica(heard);
        restarted.load();

        assertThat(restarted.all()).containsExactlyElementsOf(registry.all()).hasSize(2);
        assertThat(heard).isEmpty();
    }

    @Test
    void refresh_takes_in_and_announces_what_another_replica_changed() {
        put("x", TWO);
        List<Experiment> heard = new ArrayList<>();
        ExperimentRegistry other = replica(heard);
        other.load();
        registry.pause("x", Precondition.NONE, "ann");
        put("y", THREE);

        assertThat(other.get("x").status()).isEqualTo(Status.RUNNING);
        other.tryRefresh();

        assertThat(other.all()).containsExactlyElementsOf(registry.all());
        assertThat(heard).containsExactly(registry.get("x"), registry.get("y"));
        other.tryRefresh();
        registry.tryRefresh();
        assertThat(heard).hasSize(2);
        assertThat(announced).hasSize(3);
    }

    @Test
    void two_replicas_that_change_things_at_once_end_up_with_the_same() throws Exception {
        List<Experiment> heard = new ArrayList<>();
        ExperimentRegistry other = replica(heard);
        other.load();
        List<Callable<Void>> work = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            ExperimentRegistry mine = i % 2 == 0 ? registry : other;
            Definition definition = TWO.toBuilder().epsilon(i / 100.0).build();
            String id = "x" + i % 5;
            work.add(() -> {
                mine.put(id, definition, Precondition.NONE, "racer");
                mine.tryRefresh();
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        }
        registry.tryRefresh();
        other.tryRefresh();

        assertThat(registry.all()).hasSize(5).containsExactlyElementsOf(other.all());
        assertThat(rows("select sum(version) as versions from experiments"))
                .isEqualTo(rows("select count(*) as versions from experiment_history"));
        assertVersionsOnlyGrow(announced);
        assertVersionsOnlyGrow(heard);
    }

    private static void assertVersionsOnlyGrow(List<Experiment> announcements) {
        for (String id :
                new HashSet<>(announcements.stream().map(Experiment::id).toList())) {
            assertThat(announcements.stream()
                            .filter(one -> one.id().equals(id))
                            .map(Experiment::version)
                            .toList())
                    .isSorted()
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void unknown_id_makes_a_replica_look_at_once_but_not_for_every_id() {
        ExperimentRegistry other = replica(new ArrayList<>());
        other.load();
        put("x", TWO);
        assertThat(other.find("x")).isPresent();

        put("y", TWO);
        assertThat(other.find("y")).as("within 100 ms of the last look").isEmpty();
        nanos.addAndGet(Duration.ofMillis(100).toNanos());
        assertThat(other.find("not an id")).isEmpty();
        assertThat(other.find("y")).isPresent();
    }

    @Test
    void goes_on_with_its_copy_while_postgres_is_away() throws Exception {
        try (var server = Servers.newPostgres().start()) {
            postgres = migrated(Servers.database(server));
            registry = replica(announced);
            registry.load();
            put("x", TWO);
            server.stop();

            registry.tryRefresh();
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(registry.reachable()).isFalse();
            assertThat(registry.get("x").definition()).isEqualTo(TWO);
            assertThat(registry.find("y")).isEmpty();
            assertThatThrownBy(() -> put("x", THREE))
                    .isInstanceOfAny(DataAccessException.class, TransactionException.class);
            assertThat(registry.get("x").definition()).isEqualTo(TWO);

            server.start();
            registry.tryRefresh();
            assertThat(registry.reachable()).isTrue();
            assertThat(put("x", THREE).version()).isEqualTo(2);
        }
    }

    @Test
    void database_that_was_set_back_is_read_anew() {
        put("x", TWO);
        put("y", TWO);
        registry.tryRefresh();
        JdbcClient jdbc = JdbcClient.create(postgres);
        jdbc.sql("delete from experiment_history where experiment_id = 'y'").update();
        jdbc.sql("delete from experiments where id = 'y'").update();
        jdbc.sql("update experiments set status = 'paused'").update();
        registry.tryRefresh();

        assertThat(registry.all()).extracting(Experiment::id).containsExactly("x");
        assertThat(registry.get("x").status()).isEqualTo(Status.PAUSED);
    }

    @Test
    void row_that_cannot_be_read_hides_no_other() {
        put("x", TWO);
        put("y", TWO);
        JdbcClient.create(postgres)
                .sql(
                        "update experiments set definition = '{\"variants\": []}', revision = nextval('experiment_revision') where id = 'x'")
                .update();
        ExperimentRegistry other = replica(new ArrayList<>());
        other.load();
        registry.tryRefresh();

        assertThat(other.all()).extracting(Experiment::id).containsExactly("y");
        assertThat(registry.all()).extracting(Experiment::id).containsExactly("x", "y");
    }

    @Test
    void fields_of_a_newer_release_are_no_obstacle() {
        put("x", TWO);
        JdbcClient.create(postgres)
                .sql(
                        "update experiments set definition = definition || '{\"zeal\": 7}', revision = nextval('experiment_revision')")
                .update();
        registry.tryRefresh();

        assertThat(registry.get("x").definition()).isEqualTo(TWO);
    }

    @Test
    void listener_that_fails_does_not_make_a_change_look_refused() {
        ExperimentTable table = new ExperimentTable(JdbcClient.create(postgres));
        ExperimentRegistry touchy = new ExperimentRegistry(
                table,
                new ExperimentChanges(
                        table, new TransactionTemplate(new JdbcTransactionManager(postgres)), Clock.systemUTC()),
                event -> {
                    throw new IllegalStateException("no");
                },
                Duration.ZERO,
                nanos::get);

        assertThat(touchy.put("x", TWO, Precondition.NONE, "ann").created()).isTrue();
        assertThat(touchy.get("x").version()).isEqualTo(1);
    }

    @Test
    void largest_experiment_is_stored_and_read_back() {
        String[] names = new String[Variants.MAX_ARMS];
        Set<String> distinct = new HashSet<>();
        for (int i = 0; i < names.length; i++) {
            names[i] = "n".repeat(120) + i;
            distinct.add(names[i]);
        }
        Definition large = Definition.of(Variants.equal(names));
        put("x", large);
        ExperimentRegistry other = replica(new ArrayList<>());
        other.load();

        assertThat(other.get("x").definition()).isEqualTo(large);
        assertThat(distinct).hasSize(Variants.MAX_ARMS);
    }
}
