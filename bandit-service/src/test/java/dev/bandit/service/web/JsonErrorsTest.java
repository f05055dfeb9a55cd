package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.JsonErrors;
import dev.bandit.service.problem.ProblemJson;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.databind.json.JsonMapper;

class JsonErrorsTest {

    private static final JsonMapper MAPPER = mapper();

    record Outer(
            @Nullable String someText,
            @Nullable Double number,
            @Nullable Long whole,
            @Nullable Boolean flag,
            @Nullable Inner inner,
            @Nullable List<Inner> list,
            int primitive) {}

    record Inner(@Nullable String name) {
        Inner {
            if ("bad".equals(name)) {
                throw new InvalidRequest("name", "is bad, expected good");
            }
        }
    }

    private static JsonMapper mapper() {
        JsonFactoryBuilder factory = JsonFactory.builder();
        StrictJson.limit(factory);
        JsonMapper.Builder mapper = JsonMapper.builder(factory.build());
        StrictJson.restrict(mapper);
        return mapper.build();
    }

    private static ProblemJson problem(String json) {
        Throwable failure = catchThrowable(() -> MAPPER.readValue(json, Outer.class));
        assertThat(failure).as(json).isNotNull();
        return JsonErrors.of(failure);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"some_text":1}          | some_text    | some_text is a whole number, expected a string
            {"some_text":1.5}        | some_text    | some_text is a number with a fraction or an exponent, expected a string
            {"some_text":true}       | some_text    | some_text is a boolean, expected a string
            {"some_text":{}}         | some_text    | some_text is an object, expected a string
            {"some_text":["a"]}      | some_text    | some_text is an array, expected a string
            {"number":"1"}           | number       | number is a string, expected a number
            {"number":"NaN"}         | number       | number is a string, expected a number
            {"number":true}          | number       | number is a boolean, expected a number
            {"number":1e999}         | number       | number is beyond all numbers, expected a finite one
            {"whole":1.5}            | whole        | whole is a number with a fraction or an exponent, expected a whole number
            {"whole":"1"}            | whole        | whole is a string, expected a whole number
            {"whole":9223372036854775808} | whole   | whole is a whole number, expected one of at most 64 bits
            {"primitive":2147483648} | primitive    | primitive is a whole number, expected one of at most 32 bits
            {"primitive":null}       | primitive    | primitive is null, expected a whole number
            {"flag":1}               | flag         | flag is a whole number, expected true or false
            {"flag":"true"}          | flag         | flag is a string, expected true or false
            {"inner":[]}             | inner        | inner is an array, expected an object
            {"inner":""}             | inner        | inner is a string, expected an object
            {"list":{}}              | list         | list is an object, expected an array
            {"list":[{},{"name":1}]} | list[1].name | list[1].name is a whole number, expected a string
            {"list":[{"name":"bad"}]} | list[0].name | list[0].name is bad, expected good
            {"inner":{"nme":1}}      | inner.nme    | inner.nme is not a known field, expected one of name
            {"someText":"a"}         | someText     | someText is not a known field, expected one of flag, inner, list, number, primitive, some_text, whole
            """)
    void names_the_field_what_it_is_and_what_it_should_be(String json, String field, String detail) {
        ProblemJson problem =
                problem(json.startsWith("{\"primitive") ? json : json.replaceFirst("}$", ",\"primitive\":1}"));

        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.field()).isEqualTo(field);
        assertThat(problem.detail()).isEqualTo(detail);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"number":NaN}                  | the body is not valid JSON at line 1, column 14
            {"number":1,}                   | the body is not valid JSON at line 1, column 13
            {"number":1,"number":2}         | Duplicate Object property "number"
            {"number":                      | Unexpected end-of-input
            {"primitive":1} x               | the body is not valid JSON
            {"primitive":1} {}              | the body goes on after its JSON value
            [1]                             | the body is an array, expected an object
            1                               | the body is a whole number, expected an object
            """)
    void says_where_it_is_no_json(String json, String detail) {
        ProblemJson problem = problem(json);

        assertThat(problem.status()).isEqualTo(400);
        assertThat(problem.detail()).contains(detail);
        assertThat(problem.detail()).doesNotContain("StreamRead", "JsonReadFeature", "REDACTED", "java.", "dev.bandit");
    }

    @Test
    void nothing_endless_is_read() {
        assertThat(problem("{\"inner\":" + "[".repeat(40)).detail()).isNotBlank();
        assertThat(problem("{\"x\":" + "[".repeat(40) + "]".repeat(40) + "}").detail())
                .isNotBlank();
        assertThat(problem("{\"whole\":" + "1".repeat(65) + "}").detail()).contains("beyond a limit");
        assertThat(problem("{\"some_text\":\"" + "a".repeat(5_000) + "\"}").detail())
                .contains("beyond a limit");
        assertThat(problem("{\"" + "a".repeat(600) + "\":1}").detail()).contains("beyond a limit");
    }

    @Test
    void missing_body_is_said_to_be_missing() {
        assertThat(JsonErrors.of(null).detail()).isEqualTo("the body is missing, expected a JSON object");
    }

    @Test
    void numbers_are_taken_as_numbers_are_written() {
        Outer read = MAPPER.readValue(
                "{\"number\":1,\"whole\":-5,\"primitive\":0,\"flag\":false,\"inner\":null}", Outer.class);

        assertThat(read).isEqualTo(new Outer(null, 1.0, -5L, false, null, null, 0));
        assertThat(MAPPER.readValue("{\"number\":1.5e-3,\"primitive\":1}", Outer.class)
                        .number())
                .isEqualTo(0.0015);
    }
}
