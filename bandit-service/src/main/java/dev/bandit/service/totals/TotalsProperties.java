package dev.bandit.service.totals;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings {@code bandit.totals.*}.
 *
 * @param metricsCsv the file that runs are appended to, made when missing. A text, since Spring looks for paths like "." among the classes
 */
@ConfigurationProperties("bandit.totals")
record TotalsProperties(String metricsCsv) {
    TotalsProperties {
        if (metricsCsv.isBlank()) {
            throw new IllegalArgumentException("bandit.totals.metrics-csv is empty, expected the path of a file");
        }
    }
}
