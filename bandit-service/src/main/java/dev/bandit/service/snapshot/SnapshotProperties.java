package dev.bandit.service.snapshot;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code bandit.snapshot.*}.
 *
 * @param interval how far apart snapshots are
 * @param atEnd whether one more is taken when the service ends, and given to the sinks
 */
@ConfigurationProperties("bandit.snapshot")
record SnapshotProperties(
        @DefaultValue("60s") Duration interval,
        @DefaultValue("false") boolean atEnd) {
    SnapshotProperties {
        if (interval.toMillis() < 100 || interval.toDays() > 1) {
            throw new IllegalArgumentException("bandit.snapshot.interval is " + interval + ", expected 100ms to 1d");
        }
    }
}
