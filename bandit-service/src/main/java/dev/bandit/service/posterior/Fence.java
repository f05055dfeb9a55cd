package dev.bandit.service.posterior;

import java.util.concurrent.atomic.AtomicLong;

/** What this process knows of one experiment's state in Redis: its incarnation, and the highest version seen of it. */
final class Fence {

    private final String epoch;
    private final AtomicLong version;

    Fence(String epoch, long version) {
        this.epoch = epoch;
        this.version = new AtomicLong(version);
    }

    String epoch() {
        return epoch;
    }

    /** No answer of a sound store that is asked from now on can have a lower version. */
    long version() {
        return version.get();
    }

    void saw(long newer) {
        if (newer > version.get()) {
            version.accumulateAndGet(newer, Math::max);
        }
    }
}
