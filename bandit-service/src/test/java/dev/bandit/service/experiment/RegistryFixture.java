package dev.bandit.service.experiment;

import dev.bandit.service.testing.Servers;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.BeforeEach;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A registry on a database of its own, and others beside it. */
abstract class RegistryFixture {

    static final Definition TWO = Definition.of(Variants.equal("a", "b"));
    static final Definition THREE = Definition.of(Variants.equal("a", "b", "c"));
    static final Instant NOON = Instant.parse("2026-03-01T12:00:00.123456789Z");

    final List<Experiment> announced = new ArrayList<>();
    DataSource postgres = migrated(Servers.freshDatabase());
    ExperimentRegistry registry = replica(announced);

    @BeforeEach
    void load() {
        registry.load();
    }

    static DataSource migrated(Servers.Database database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.jdbcUrl());
        source.setUser(database.username());
        source.setPassword(database.password());
        source.setConnectTimeout(2);
        Flyway.configure().dataSource(source).load().migrate();
        return source;
    }

    ExperimentRegistry replica(List<Experiment> announcements) {
        ExperimentTable table = new ExperimentTable(JdbcClient.create(postgres));
        ExperimentChanges changes = new ExperimentChanges(
                table,
                new TransactionTemplate(new JdbcTransactionManager(postgres)),
                Clock.fixed(NOON, ZoneOffset.UTC));
        return new ExperimentRegistry(table, changes, event -> announcements.add(((ExperimentChanged) event).now()));
    }

    Experiment put(String id, Definition definition) {
        return registry.put(id, definition, Precondition.NONE, "ann").experiment();
    }

    List<Map<String, Object>> rows(String sql) {
        return JdbcClient.create(postgres).sql(sql).query().listOfRows();
    }
}
