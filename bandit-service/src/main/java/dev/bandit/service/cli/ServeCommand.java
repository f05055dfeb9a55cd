package dev.bandit.service.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplication.AbandonedRunException;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Starts the service and leaves it running. */
@Command(
        name = "serve",
        description = {
            "Run the service.",
            "Starts a Redis and a PostgreSQL of its own unless they are configured. Any Spring property may follow, such as"
                    + " --spring.data.redis.url=redis://localhost:6379."
        },
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

    private static final int HIGHEST_PORT = 65_535;

    private final Class<?> application;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port to listen on; 0 takes any free one (default: 8080).")
    private @Nullable Integer port;

    @Mixin
    private ServiceOptions options = new ServiceOptions();

    @Unmatched
    private List<String> others = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    ServeCommand(Class<?> application) {
        this.application = application;
    }

    @Override
    public Integer call() {
        var arguments = springArguments();
        var atTerminal = System.console() != null && System.console().isTerminal();
        var spring = new SpringApplication(application);
        spring.setDefaultProperties(defaults(atTerminal));
        spring.addListeners(new Welcome(atTerminal));
        try {
            spring.run(arguments);
            return CommandLine.ExitCode.OK;
        } catch (AbandonedRunException e) {
            throw e;
        } catch (RuntimeException e) {
            // Spring Boot has reported it.
            return CommandLine.ExitCode.SOFTWARE;
        }
    }

    private String[] springArguments() {
        var arguments = options.springArguments(others);
        if (port != null) {
            if (port < 0 || port > HIGHEST_PORT) {
                throw wrong(
                        "Invalid value for option '--port': " + port + " is not a port (0 to " + HIGHEST_PORT + ")");
            }
            arguments.add("--server.port=" + port);
        }
        return arguments.toArray(String[]::new);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    /** At a terminal lines for people, elsewhere for machines. */
    private static Map<String, Object> defaults(boolean atTerminal) {
        var defaults = new HashMap<String, Object>();
        if (!atTerminal) {
            defaults.put("logging.structured.format.console", "ecs");
        }
        return defaults;
    }

    /** Says where the service is once it takes requests. */
    private record Welcome(boolean atTerminal) implements ApplicationListener<ApplicationReadyEvent> {

        @Override
        public void onApplicationEvent(ApplicationReadyEvent event) {
            var environment = event.getApplicationContext().getEnvironment();
            var host = environment.getProperty("server.address", "localhost");
            var address = "http://%s:%s"
                    .formatted(
                            host.equals("0.0.0.0") ? "localhost" : host, environment.getProperty("local.server.port"));
            if (!atTerminal) {
                LoggerFactory.getLogger(ServeCommand.class).info("Bandit is ready at {}", address);
                return;
            }
            System.out.printf("""

                    Bandit is ready at %1$s (the API: %1$s/docs). Try

                      curl %1$s/select -H 'Content-Type: application/json' -d '{"experiment_id": "welcome", "unit_id": "user-1"}'

                    Ctrl-C stops it.

                    """, address);
        }
    }
}
