package dev.bandit.service.web;

import dev.bandit.service.testing.Servers;
import io.lettuce.core.KeyScanCursor;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScanArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Everything that Redis and Postgres hold, in a form that can be compared. */
final class StateDump {

    private final String redis;
    private final JdbcClient postgres;

    StateDump(String redis, Servers.Database database) {
        this.redis = redis;
        this.postgres = JdbcClient.create(
                new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
    }

    /** Each Redis key and each Postgres table, with a digest of what it holds. */
    Map<String, String> take() {
        Map<String, String> state = new TreeMap<>();
        try (RedisClient client = RedisClient.create(redis);
                StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            KeyScanCursor<String> cursor = commands.scan(ScanArgs.Builder.limit(1_000));
            while (true) {
                for (String key : cursor.getKeys()) {
                    byte[] value = commands.dump(key);
                    state.put(
                            "redis " + key,
                            value == null ? "gone" : Integer.toHexString(Arrays.hashCode(value)) + " " + value.length);
                }
                if (cursor.isFinished()) {
                    break;
                }
                cursor = commands.scan(cursor, ScanArgs.Builder.limit(1_000));
            }
        }
        for (String table : postgres.sql("select tablename from pg_tables where schemaname = 'public'")
                .query(String.class)
                .list()) {
            state.put(
                    "postgres " + table,
                    postgres.sql(
                                    "select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from "
                                            + table + " t")
                            .query(String.class)
                            .single());
        }
        return state;
    }
}
