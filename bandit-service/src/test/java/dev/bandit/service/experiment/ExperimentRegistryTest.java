package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Experiment.Status;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class ExperimentRegistryTest extends RegistryFixture {

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
                        Instant.parse("2026-03-01T12:00:00.123456Z"),
                        null));
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
    void listener_that_fails_does_not_make_a_change_look_refused() {
        ExperimentTable table = new ExperimentTable(JdbcClient.create(postgres));
        ExperimentRegistry touchy = new ExperimentRegistry(
                table,
                new ExperimentChanges(
                        table, new TransactionTemplate(new JdbcTransactionManager(postgres)), Clock.systemUTC()),
                event -> {
                    throw new IllegalStateException("no");
                });

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

    @Test
    void what_a_file_manages_callers_can_pause_and_conclude_but_not_replace_or_archive() {
        put("theirs", TWO);

        assertThat(registry.manage("file", Map.of("mine", TWO), "file")).isEqualTo(1);

        assertThat(registry.get("mine").managedBy()).isEqualTo("file");
        assertThat(registry.get("mine").version()).isEqualTo(1);
        assertThat(registry.get("theirs").managedBy()).isNull();
        assertThatExceptionOfType(ExperimentConflict.class)
                .isThrownBy(() -> put("mine", TWO))
                .withMessageContaining("experiment mine is managed by file");
        assertThatExceptionOfType(ExperimentConflict.class)
                .isThrownBy(() -> registry.archive("mine", Precondition.NONE, "ann"));
        registry.pause("mine", Precondition.NONE, "ann");
        assertThat(registry.conclude("mine", "a", Precondition.NONE, "ann").managedBy())
                .isEqualTo("file");
    }

    @Test
    void taking_over_changing_and_letting_go_is_a_version_each_and_twice_the_same_is_none() {
        put("x", TWO);

        registry.manage("file", Map.of("x", THREE), "file");
        assertThat(registry.manage("file", Map.of("x", THREE), "file")).isZero();
        assertThat(registry.get("x").version()).isEqualTo(2);
        assertThat(registry.get("x").definition()).isEqualTo(THREE);

        registry.manage("file", Map.of(), "file");
        assertThat(registry.get("x").version()).isEqualTo(3);
        assertThat(registry.get("x").managedBy()).isNull();
        assertThat(registry.get("x").status()).isEqualTo(Status.RUNNING);
        assertThat(put("x", TWO).version()).isEqualTo(4);
        assertThat(rows("select action from audit_log order by id"))
                .extracting(row -> row.get("action"))
                .containsExactly("create", "put", "release", "put");
    }

    @Test
    void all_or_none_is_managed_and_every_conflict_is_told() {
        Definition exposure =
                TWO.toBuilder().feedback(Definition.Feedback.EXPOSURE).build();
        put("a", TWO);
        put("b", TWO);

        assertThatExceptionOfType(ManagementRefused.class)
                .isThrownBy(() -> registry.manage("file", Map.of("a", exposure, "b", exposure, "c", TWO), "file"))
                .satisfies(refused -> assertThat(refused.conflicts()).containsOnlyKeys("a", "b"));

        assertThat(registry.find("c")).isEmpty();
        assertThat(registry.get("a").managedBy()).isNull();
    }

    @Test
    void other_replicas_learn_who_manages() {
        ExperimentRegistry other = replica(new ArrayList<>());
        other.load();

        registry.manage("file", Map.of("x", TWO), "file");
        other.tryRefresh();

        assertThat(other.get("x").managedBy()).isEqualTo("file");
    }
}
