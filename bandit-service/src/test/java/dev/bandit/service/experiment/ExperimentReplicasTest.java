package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.testing.Servers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.TransactionException;

class ExperimentReplicasTest extends RegistryFixture {

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
    void unknown_id_makes_a_replica_look_at_once() {
        ExperimentRegistry other = replica(new ArrayList<>());
        other.load();
        for (int i = 0; i < 20; i++) {
            String id = "x" + i;
            assertThat(other.find(id)).isEmpty();
            put(id, TWO);
            assertThat(other.find(id)).isPresent();
        }
        assertThat(other.find("not an id")).isEmpty();
    }

    @Test
    void whoever_misses_after_an_experiment_was_made_finds_it_however_many_ask() throws Exception {
        ExperimentRegistry other = replica(new ArrayList<>());
        other.load();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> strangers = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String id = "stranger-" + i;
                strangers.add(() -> other.find(id).isPresent());
            }
            for (int i = 0; i < 30; i++) {
                String id = "x" + i;
                List<Future<Boolean>> asked =
                        strangers.stream().map(threads::submit).toList();
                put(id, TWO);
                assertThat(other.find(id)).isPresent();
                for (Future<Boolean> stranger : asked) {
                    assertThat(stranger.get()).isFalse();
                }
            }
        }
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
            assertThat(registry.reachable()).isFalse();
            assertThat(registry.get("x").definition()).isEqualTo(TWO);
            assertThat(registry.find("y")).isEmpty();
            assertThatThrownBy(() -> registry.get("y")).isInstanceOf(ExperimentUnreadable.class);
            assertThatThrownBy(() -> registry.get("no id")).isInstanceOf(UnknownExperiment.class);
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
}
