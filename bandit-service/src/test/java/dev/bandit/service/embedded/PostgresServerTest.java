package dev.bandit.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.startup.StartupProblem;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import java.nio.file.Files;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PostgresServerTest {

    private final PostgresServer server = Servers.newPostgres();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void data_and_port_survive_stops_and_kills() throws Exception {
        server.start();
        var database = Servers.database(server);
        execute(database, "CREATE TABLE colours (name text); INSERT INTO colours VALUES ('grün')");

        server.stop();
        server.start();
        assertThat(Servers.database(server)).isEqualTo(database);
        assertThat(query(database, "SELECT name FROM colours")).isEqualTo("grün");

        server.kill();
        assertThat(server.isRunning()).isFalse();
        server.start();
        assertThat(query(database, "SELECT name FROM colours")).isEqualTo("grün");
    }

    @Test
    void databases_keep_tests_apart() throws Exception {
        var one = Servers.freshDatabase();
        var other = Servers.freshDatabase();
        execute(one, "CREATE TABLE colours (name text)");

        assertThat(query(other, "SELECT to_regclass('colours')")).isNull();
    }

    @Test
    void it_is_durable_unicode_and_speaks_utc() throws Exception {
        server.start();
        var database = Servers.database(server);

        assertThat(query(database, "SHOW fsync")).isEqualTo("on");
        assertThat(query(database, "SHOW server_encoding")).isEqualTo("UTF8");
        assertThat(query(database, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(query(database, "SHOW unix_socket_directories")).isEmpty();
    }

    @Test
    void a_wrong_password_is_refused() {
        var database = Servers.freshDatabase();

        assertThatThrownBy(() -> query(new Database(database.jdbcUrl(), database.username(), "guess"), "SELECT 1"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void a_cluster_of_another_major_version_is_refused() throws Exception {
        server.start();
        server.stop();
        Files.writeString(server.folder().resolve("data/PG_VERSION"), "12\n");

        assertThatThrownBy(server::start)
                .isInstanceOf(StartupProblem.class)
                .hasMessageContaining("was written by PostgreSQL 12 and this is PostgreSQL 18");
    }

    @Test
    void an_unfinished_cluster_is_made_anew() throws Exception {
        Files.createDirectories(server.folder().resolve("data.new/base"));

        server.start();

        assertThat(query(Servers.database(server), "SELECT 'up'")).isEqualTo("up");
    }

    private static void execute(Database database, String sql) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(Database database, String sql) throws SQLException {
        try (var connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
