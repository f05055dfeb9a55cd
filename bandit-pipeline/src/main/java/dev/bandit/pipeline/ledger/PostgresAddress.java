package dev.bandit.pipeline.ledger;

import dev.bandit.cli.CommandFailed;
import java.io.Serial;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Where a Postgres is and who asks it; as text, without the password. */
public final class PostgresAddress implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final String JDBC = "jdbc:";

    private final String url;
    private final Properties user;
    private final Properties parsed;

    /** @param user what the URL does not say */
    private PostgresAddress(String url, Properties user, Properties parsed) {
        this.url = url;
        this.user = user;
        this.parsed = parsed;
    }

    /**
     * @param url {@code jdbc:postgresql://…} or {@code postgresql://…}, user and password in it or not; null: what
     *     {@code SPRING_DATASOURCE_URL} says, or {@code PGHOST}, {@code PGPORT} and {@code PGDATABASE}
     * @param environment where user and password are too, under the names of Spring or libpq, if the address has none
     * @return nothing if there is no address
     * @throws CommandFailed if it is none of Postgres
     */
    public static Optional<PostgresAddress> of(@Nullable String url, Map<String, String> environment) {
        String address = url != null ? url : environment.get("SPRING_DATASOURCE_URL");
        if (address == null && environment.containsKey("PGHOST")) {
            address = "postgresql://%s:%s/%s"
                    .formatted(
                            environment.get("PGHOST"),
                            environment.getOrDefault("PGPORT", "5432"),
                            environment.getOrDefault("PGDATABASE", environment.getOrDefault("PGUSER", "bandit")));
        }
        if (address == null) {
            return Optional.empty();
        }
        Properties defaults = new Properties();
        either(environment, "SPRING_DATASOURCE_USERNAME", "PGUSER", user -> PGProperty.USER.set(defaults, user));
        either(
                environment,
                "SPRING_DATASOURCE_PASSWORD",
                "PGPASSWORD",
                password -> PGProperty.PASSWORD.set(defaults, password));
        String jdbc = address.startsWith(JDBC) ? address : withoutUser(address, defaults);
        Properties parsed = Driver.parseURL(jdbc, defaults);
        if (parsed == null || PGProperty.PG_HOST.getOrNull(parsed) == null) {
            throw notPostgres();
        }
        return Optional.of(new PostgresAddress(jdbc, defaults, parsed));
    }

    /**
     * A connection to it that reads, all in one transaction.
     *
     * @throws SQLException as the driver says
     */
    Connection connect() throws SQLException {
        Connection connection = Objects.requireNonNull(new Driver().connect(url, user));
        connection.setReadOnly(true);
        // One moment for all that is read; and the driver fetches by cursor only within a transaction.
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setAutoCommit(false);
        return connection;
    }

    Properties properties() {
        return parsed;
    }

    private static void either(Map<String, String> environment, String first, String second, Consumer<String> found) {
        Optional.ofNullable(environment.get(first))
                .or(() -> Optional.ofNullable(environment.get(second)))
                .ifPresent(found);
    }

    /** As the driver takes it, which does not know {@code user:password@host}. */
    private static String withoutUser(String address, Properties properties) {
        try {
            URI uri = new URI(address.replaceFirst("^postgres:", "postgresql:"));
            if (!"postgresql".equals(uri.getScheme()) || uri.getRawAuthority() == null) {
                throw notPostgres();
            }
            String host = uri.getRawAuthority();
            int at = host.lastIndexOf('@');
            if (at >= 0) {
                String[] user = host.substring(0, at).split(":", 2);
                PGProperty.USER.set(properties, decoded(user[0]));
                if (user.length == 2) {
                    PGProperty.PASSWORD.set(properties, decoded(user[1]));
                }
            }
            return JDBC + "postgresql://" + host.substring(at + 1) + uri.getRawPath()
                    + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        } catch (URISyntaxException e) {
            // Without its cause, which quotes it.
            throw notPostgres();
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Without what was given: a password may be in it. */
    private static CommandFailed notPostgres() {
        return new CommandFailed(
                "The address of the ledger is none of Postgres, expected jdbc:postgresql://HOST:PORT/DATABASE or postgresql://USER@HOST:PORT/DATABASE.");
    }

    @Override
    public String toString() {
        return "%s:%s/%s"
                .formatted(
                        PGProperty.PG_HOST.getOrDefault(parsed),
                        PGProperty.PG_PORT.getOrDefault(parsed),
                        PGProperty.PG_DBNAME.getOrDefault(parsed));
    }
}
