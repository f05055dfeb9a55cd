package dev.bandit.service.posterior;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code bandit.posterior.*}.
 *
 * @param maxStaleness how old the copy of the posteriors that a select works from may be; 0 reads them every time
 * @param remember how long a decision may be rewarded and a reward is recognised when it comes again
 */
@ConfigurationProperties("bandit.posterior")
public record PosteriorProperties(
        @DefaultValue("100ms") Duration maxStaleness,
        @DefaultValue("30d") Duration remember) {

    public PosteriorProperties {
        if (maxStaleness.isNegative() || maxStaleness.toMinutes() > 60) {
            throw new IllegalArgumentException(
                    "bandit.posterior.max-staleness is " + maxStaleness + ", expected 0 to 1h");
        }
        if (remember.toHours() < 1 || remember.toDays() > 3650) {
            throw new IllegalArgumentException("bandit.posterior.remember is " + remember + ", expected 1h to 3650d");
        }
    }

    /** Which of the rotating hashes of named rewards holds those recorded at that time. */
    long period(long epochMs) {
        return Math.floorDiv(epochMs, remember.toMillis());
    }

    /** How long a decision matters: while it may be rewarded, or its window is open. */
    Duration matters(@Nullable Duration window) {
        return window == null || window.compareTo(remember) < 0 ? remember : window;
    }

    /** How long what is remembered must be kept after its last change: a margin beyond when it may be asked for. */
    long keepSeconds(@Nullable Duration window) {
        return 2 * matters(window).toSeconds() + 3600;
    }
}
