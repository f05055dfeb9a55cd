package dev.bandit.service.testing;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * {@link Load} from a shell, for benchmarks:
 *
 * <pre>
 *   java -cp bandit-service/target/test-classes dev.bandit.service.testing.LoadCommand \
 *       url=http://127.0.0.1:8080/select body=bodies.txt connections=16 seconds=10 warmup=3 rate=2000
 * </pre>
 *
 * <p>Each line of the body file is the JSON of one POST, in turn, with <code>{n}</code> as {@link Load#posts} has it.
 * Without a body file the requests are GETs. Without a rate, every connection goes as fast as the server.
 */
final class LoadCommand {

    private LoadCommand() {}

    /** Runs as told by {@code name=value} arguments, and prints the result. */
    public static void main(String[] args) throws Exception {
        Map<String, String> options = options(args);
        URI url = URI.create(options.getOrDefault("url", "http://127.0.0.1:8080/select"));
        Load load = new Load(
                new InetSocketAddress(url.getHost(), url.getPort() < 0 ? 80 : url.getPort()),
                Integer.parseInt(options.getOrDefault("connections", "8")),
                Duration.ofSeconds(Long.parseLong(options.getOrDefault("warmup", "2"))),
                Duration.ofSeconds(Long.parseLong(options.getOrDefault("seconds", "10"))),
                Double.parseDouble(options.getOrDefault("rate", "0")),
                Duration.ofSeconds(Long.parseLong(options.getOrDefault("timeout", "10"))));
        String path = url.getRawQuery() == null ? url.getRawPath() : url.getRawPath() + "?" + url.getRawQuery();
        Load.Client client = (connection, n) -> Load.get(path);
        if (options.containsKey("body")) {
            client = Load.posts(path, Files.readAllLines(Path.of(options.getOrDefault("body", ""))));
        }
        System.out.println(load.run(client));
    }

    private static Map<String, String> options(String[] args) {
        Set<String> known = Set.of("url", "body", "connections", "seconds", "warmup", "rate", "timeout");
        Map<String, String> options = new HashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals < 0 || !known.contains(arg.substring(0, equals))) {
                throw new IllegalArgumentException("'" + arg + "' is none of " + known + " with = and a value");
            }
            options.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
        return options;
    }
}
