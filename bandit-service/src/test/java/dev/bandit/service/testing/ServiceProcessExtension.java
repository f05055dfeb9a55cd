package dev.bandit.service.testing;

import dev.bandit.service.testing.Servers.Database;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The services of one test: ended after it, whatever came of it, and their last output is shown when it failed. Registered by a static
 * field, the services are those of all tests of the class.
 *
 * <pre>{@code
 * @RegisterExtension
 * final ServiceProcessExtension services = new ServiceProcessExtension();
 * }</pre>
 */
public final class ServiceProcessExtension implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    private final Queue<ServiceProcess> services = new ConcurrentLinkedQueue<>();
    private boolean shared;

    /**
     * A service over these servers, not yet started.
     *
     * @param options Spring properties, such as {@code --bandit.snapshot.interval=1s}, and settings of the JVM, such as
     *     {@code -Xmx256m}
     */
    public ServiceProcess service(String redisUrl, Database database, String... options) {
        var service = new ServiceProcess(
                redisUrl, database, ServiceProcessArchive.get().options(), List.of(options));
        services.add(service);
        return service;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        shared = true;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            services.forEach(service -> System.err.println(service.lastOutput()));
        }
        if (!shared) {
            close();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    private void close() {
        services.forEach(ServiceProcess::close);
        services.clear();
    }
}
