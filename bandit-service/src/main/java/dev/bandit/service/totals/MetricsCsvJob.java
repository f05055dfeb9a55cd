package dev.bandit.service.totals;

import dev.bandit.service.ledger.LedgerUnavailable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Keeps {@code experiment_metrics.csv} up to date, where it is asked for. */
@Component
@ConditionalOnProperty("bandit.totals.metrics-csv")
@EnableConfigurationProperties(TotalsProperties.class)
class MetricsCsvJob {

    private static final Logger log = LoggerFactory.getLogger(MetricsCsvJob.class);

    private final MetricsCsv csv;
    private final Counter failures;
    private boolean failing;

    MetricsCsvJob(TotalsProperties properties, JdbcClient postgres, MeterRegistry metrics) {
        csv = new MetricsCsv(Path.of(properties.metricsCsv()), new RunTable(postgres));
        failures = Counter.builder("bandit.totals.csv.failures")
                .description("Times that the file of runs could not be brought up to date")
                .register(metrics);
    }

    @Scheduled(fixedDelayString = "${bandit.totals.interval:5s}")
    void tick() {
        try {
            csv.write();
            if (failing) {
                log.info("runs are written to their file again");
            }
            failing = false;
        } catch (IOException | LedgerUnavailable e) {
            failures.increment();
            if (!failing) {
                log.warn("runs cannot be written to their file, which will be tried again: {}", e.getMessage());
            }
            failing = true;
        }
    }
}
