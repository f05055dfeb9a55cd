package dev.bandit.service.experiment;

import java.time.Clock;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The registry and the thread that refreshes it. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ExperimentProperties.class)
class ExperimentConfiguration {

    @Bean
    ExperimentRegistry experimentRegistry(
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            ObjectProvider<Clock> clock,
            ApplicationEventPublisher events,
            ExperimentProperties properties) {
        ExperimentRegistry registry =
                registry(jdbc, transactions, clock.getIfAvailable(Clock::systemUTC), events, properties.missRefresh());
        registry.load();
        return registry;
    }

    @Bean
    ExperimentRefresh experimentRefresh(ExperimentRegistry registry, ExperimentProperties properties) {
        return new ExperimentRefresh(registry, properties.refresh());
    }

    /** A registry on that database, as another replica would have it; not loaded. */
    static ExperimentRegistry registry(
            DataSource postgres, Clock clock, ApplicationEventPublisher events, Duration missRefresh) {
        return registry(JdbcClient.create(postgres), new JdbcTransactionManager(postgres), clock, events, missRefresh);
    }

    private static ExperimentRegistry registry(
            JdbcClient jdbc,
            PlatformTransactionManager transactions,
            Clock clock,
            ApplicationEventPublisher events,
            Duration missRefresh) {
        ExperimentTable table = new ExperimentTable(jdbc);
        ExperimentChanges changes = new ExperimentChanges(table, new TransactionTemplate(transactions), clock);
        return new ExperimentRegistry(table, changes, events, missRefresh, System::nanoTime);
    }
}
