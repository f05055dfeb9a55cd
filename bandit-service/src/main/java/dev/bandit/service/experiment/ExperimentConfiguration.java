package dev.bandit.service.experiment;

import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
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
            ApplicationEventPublisher events) {
        ExperimentTable table = new ExperimentTable(jdbc);
        ExperimentChanges changes = new ExperimentChanges(
                table, new TransactionTemplate(transactions), clock.getIfAvailable(Clock::systemUTC));
        ExperimentRegistry registry = new ExperimentRegistry(table, changes, events);
        registry.load();
        return registry;
    }

    @Bean
    ExperimentRefresh experimentRefresh(ExperimentRegistry registry, ExperimentProperties properties) {
        return new ExperimentRefresh(registry, properties.refresh());
    }
}
