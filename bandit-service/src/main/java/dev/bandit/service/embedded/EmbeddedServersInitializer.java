package dev.bandit.service.embedded;

import dev.bandit.service.startup.StartupProblem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.system.ApplicationHome;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Starts the servers that are not configured before the context looks for them, and stops them when everything in the
 * context is closed. Tests set their servers later than an environment post-processor runs, so this is an initializer.
 */
final class EmbeddedServersInitializer implements ApplicationContextInitializer<ConfigurableApplicationContext> {

    private static final String NAME = "embeddedServers";

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        var environment = context.getEnvironment();
        var wantRedis =
                !isConfigured(environment, "spring.data.redis", "url", "host", "sentinel", "cluster", "masterreplica");
        var wantPostgres = !isConfigured(environment, "spring.datasource", "url", "jndi-name", "hikari.jdbc-url");
        var binder = Binder.get(environment);
        var properties = binder.bindOrCreate("bandit.embedded", EmbeddedProperties.class);
        if (!wantRedis && !wantPostgres && !properties.kafka().enabled()
                || environment.getProperty("spring.aot.processing", Boolean.class, false)) {
            return;
        }
        var jars = properties.binaries() != null ? properties.binaries() : besideTheService();
        if (!Files.isDirectory(jars)) {
            throw new StartupProblem(notConfigured(wantRedis, wantPostgres));
        }
        var folder = DataFolder.hold(binder.bind("bandit.data-dir", Path.class).orElse(Path.of(".bandit")));
        EmbeddedServers servers;
        try {
            var binaries = new Binaries(jars, folder.path().resolve("bin"));
            servers = EmbeddedServers.start(folder, binaries, properties, wantRedis, wantPostgres);
        } catch (RuntimeException e) {
            folder.close();
            throw e;
        }
        environment.getPropertySources().addFirst(new MapPropertySource(NAME, servers.springProperties()));
        // Registered before any bean is, so it is destroyed after all of them: their last writes still find the
        // servers.
        ((DefaultSingletonBeanRegistry) context.getBeanFactory())
                .registerDisposableBean(NAME, (DisposableBean) servers::close);
    }

    private static boolean isConfigured(ConfigurableEnvironment environment, String prefix, String... names) {
        var binder = Binder.get(environment);
        return Stream.of(names)
                .map(name -> prefix + "." + name)
                .anyMatch(name -> environment.containsProperty(name)
                        || binder.bind(name, Bindable.mapOf(String.class, Object.class))
                                .isBound());
    }

    private static Path besideTheService() {
        return new ApplicationHome(EmbeddedServersInitializer.class)
                .getDir()
                .toPath()
                .resolve("embedded");
    }

    private static String notConfigured(boolean redis, boolean postgres) {
        var missing = redis && postgres
                ? "spring.data.redis.url and spring.datasource.url (or SPRING_DATA_REDIS_URL and SPRING_DATASOURCE_URL)"
                : redis
                        ? "spring.data.redis.url (or SPRING_DATA_REDIS_URL)"
                        : "spring.datasource.url (or SPRING_DATASOURCE_URL)";
        return "This installation brings no servers of its own: set " + missing + ".";
    }
}
