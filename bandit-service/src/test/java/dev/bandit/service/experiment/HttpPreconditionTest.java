package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bandit.service.problem.InvalidRequest;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpPreconditionTest {

    private static final Experiment AT_3 = new Experiment(
            "x",
            3,
            Definition.of(Variants.equal("a", "b")),
            Experiment.Status.RUNNING,
            null,
            Instant.EPOCH,
            Instant.EPOCH,
            null);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"\"3\"", "*", "3", " \"3\" ", "\"2\", \"3\"", "\"x\",\"3\""})
    void if_match_holds_for_its_version(String header) {
        assertThatCode(() -> HttpPrecondition.of(header, null).check("x", AT_3)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"\"2\"", "4", "W/\"3\"", "\"x\"", "\"\"", "\"03\"", "\"99999999999\""})
    void if_match_fails_for_any_other(String header) {
        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> HttpPrecondition.of(header, null).check("x", AT_3))
                .satisfies(stale -> assertThat(stale.status()).isEqualTo(412))
                .withMessageContaining("stands at version \"3\"");
    }

    @Test
    void if_match_fails_when_there_is_nothing() {
        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> HttpPrecondition.of("*", null).check("x", null));
        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> HttpPrecondition.of("\"1\"", null).check("x", null));
    }

    @Test
    void if_none_match_holds_only_when_there_is_nothing() {
        assertThatCode(() -> HttpPrecondition.of(null, "*").check("x", null)).doesNotThrowAnyException();
        assertThatExceptionOfType(StaleVersion.class)
                .isThrownBy(() -> HttpPrecondition.of(null, "*").check("x", AT_3));
    }

    @Test
    void no_header_always_holds() {
        HttpPrecondition.of(null, null).check("x", null);
        HttpPrecondition.of(null, null).check("x", AT_3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ",", "abc", "\"3", "3\"", "\"3\" \"4\"", "-1", "1.0", "\"a\"b\"", "w/\"3\"", "12345678901"})
    void refuses_what_is_no_entity_tag(String header) {
        assertThatExceptionOfType(InvalidRequest.class)
                .isThrownBy(() -> HttpPrecondition.of(header, null))
                .satisfies(refused -> assertThat(refused.field()).contains("If-Match"));
    }

    @Test
    void refuses_both_headers_and_tags_in_if_none_match() {
        assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> HttpPrecondition.of("*", "*"));
        assertThatExceptionOfType(InvalidRequest.class).isThrownBy(() -> HttpPrecondition.of(null, "\"3\""));
    }
}
