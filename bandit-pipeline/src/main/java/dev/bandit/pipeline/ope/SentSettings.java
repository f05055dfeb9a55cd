package dev.bandit.pipeline.ope;

import dev.bandit.core.evaluation.OffPolicySettings;
import java.io.Serializable;

/** {@link OffPolicySettings} on their way to a worker; the core knows of no such ways. */
record SentSettings(double clip, double tau, double lambda, int buckets) implements Serializable {

    static SentSettings of(OffPolicySettings settings) {
        return new SentSettings(settings.clip(), settings.tau(), settings.lambda(), settings.buckets());
    }

    OffPolicySettings settings() {
        return new OffPolicySettings(clip, tau, lambda, buckets);
    }
}
