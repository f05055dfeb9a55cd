package dev.bandit.pipeline.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bandit.cli.CommandFailed;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

class PostgresAddressTest {

    private static final Map<String, String> SPRING = Map.of(
            "SPRING_DATASOURCE_URL", "jdbc:postgresql://there:5433/bandit",
            "SPRING_DATASOURCE_USERNAME", "spring",
            "SPRING_DATASOURCE_PASSWORD", "s3cret");

    private static void assertAddress(PostgresAddress address, String text, String user, String password) {
        Properties properties = address.properties();
        assertThat(address).hasToString(text);
        assertThat(PGProperty.USER.getOrNull(properties)).isEqualTo(user);
        assertThat(PGProperty.PASSWORD.getOrNull(properties)).isEqualTo(password);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://here:6000/b?user=me&password=s3cret",
                "postgresql://me:s3cret@here:6000/b",
                "postgres://me@here:6000/b?password=s3cret"
            })
    void user_and_password_may_be_in_the_address(String url) {
        assertAddress(PostgresAddress.of(url, SPRING).orElseThrow(), "here:6000/b", "me", "s3cret");
    }

    @Test
    void otherwise_they_are_in_the_environment() {
        assertAddress(
                PostgresAddress.of("postgresql://here/b", SPRING).orElseThrow(), "here:5432/b", "spring", "s3cret");
        assertAddress(PostgresAddress.of(null, SPRING).orElseThrow(), "there:5433/bandit", "spring", "s3cret");
        assertAddress(
                PostgresAddress.of(
                                null,
                                Map.of(
                                        "PGHOST",
                                        "pg",
                                        "PGPORT",
                                        "1",
                                        "PGDATABASE",
                                        "d",
                                        "PGUSER",
                                        "u",
                                        "PGPASSWORD",
                                        "p"))
                        .orElseThrow(),
                "pg:1/d",
                "u",
                "p");
        assertThat(PostgresAddress.of(null, Map.of("PGUSER", "u"))).isEmpty();
    }

    @Test
    void what_is_special_in_an_address_is_written_with_percent_signs() {
        assertAddress(
                PostgresAddress.of("postgresql://a%40b:p%3A%2F+q@here/b", Map.of())
                        .orElseThrow(),
                "here:5432/b",
                "a@b",
                "p:/+q");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mysql://me:s3cret@here/b",
                "jdbc:mysql://me:s3cret@here/b",
                "s3cret",
                "postgresql:s3cret",
                "post gres://s3cret"
            })
    void an_address_of_something_else_is_refused_without_repeating_it(String url) {
        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> PostgresAddress.of(url, Map.of()))
                .withMessageStartingWith("The address of the ledger is none of Postgres")
                .withMessageNotContaining("s3cret")
                .withNoCause();
    }
}
