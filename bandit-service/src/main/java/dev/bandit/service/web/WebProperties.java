package dev.bandit.service.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Limits of what a caller may ask of this process.
 *
 * @param maxBody largest request body
 * @param maxConcurrent most requests in flight; further ones get 503 at once
 */
@ConfigurationProperties("bandit.web")
record WebProperties(
        @DefaultValue("1MB") DataSize maxBody,
        @DefaultValue("1024") int maxConcurrent) {

    WebProperties {
        if (maxBody.toBytes() < 1 || maxBody.toBytes() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("bandit.web.max-body is " + maxBody + ", expected 1B to 2047MB");
        }
        if (maxConcurrent < 1) {
            throw new IllegalArgumentException(
                    "bandit.web.max-concurrent is " + maxConcurrent + ", expected 1 or more");
        }
    }
}
