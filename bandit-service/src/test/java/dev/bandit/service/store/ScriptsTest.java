package dev.bandit.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The scripts stay portable to Redis 6.2, Redis Cluster and Dragonfly. */
class ScriptsTest {

    /** Known to Redis 6.2 with these forms, and to Dragonfly. */
    private static final Set<String> COMMANDS = Set.of(
            "GET",
            "SET",
            "INCR",
            "EXPIRE",
            "EXISTS",
            "HGET",
            "HSET",
            "HMGET",
            "HGETALL",
            "HINCRBY",
            "BITFIELD",
            "GETRANGE",
            "SETRANGE",
            "XADD",
            "XRANGE",
            "UNLINK",
            "SETEX");

    private static final Pattern CALL = Pattern.compile("redis\\.(\\w+)\\('(\\w+)'\\s*,\\s*([^,)]+)");

    @ParameterizedTest
    @EnumSource(Script.class)
    void a_script_calls_only_portable_commands_on_keys_it_was_given(Script script) {
        String source = code(script);
        Matcher call = CALL.matcher(source);
        Set<String> commands = new TreeSet<>();
        int calls = 0;
        while (call.find()) {
            calls++;
            assertThat(call.group(1)).isIn("call");
            commands.add(call.group(2));
            assertThat(call.group(3).strip())
                    .as("first key of " + call.group())
                    .matches("KEYS\\[.*|key|alpha|beta|(seen|value)_key\\(.*");
        }
        assertThat(calls).as("calls found in " + script).isEqualTo(source.split("redis\\.call", -1).length - 1);
        assertThat(COMMANDS).containsAll(commands);
    }

    @ParameterizedTest
    @EnumSource(Script.class)
    void a_script_uses_nothing_that_another_server_lacks(Script script) {
        assertThat(code(script))
                .doesNotContain(
                        "#!lua",
                        "redis.setresp",
                        "redis.pcall",
                        "redis.log",
                        "redis.replicate",
                        "redis.set_repl",
                        "cjson",
                        "cmsgpack")
                .doesNotContain("experiment:", "loadstring", "math.random", "os.", "TIME")
                .doesNotContainPattern("\\bbit\\.")
                // Lua 5.4 has no global unpack, Lua 5.1 no table.unpack.
                .doesNotContainPattern(
                        "(?<!local unpack = unpack or table\\.)(?<!local )(?<!= )\\bunpack\\((?!get|set|statuses|names|fresh|ARGV, 3)");
    }

    private static String code(Script script) {
        return script.source().replaceAll("(?m)--.*$", "");
    }
}
