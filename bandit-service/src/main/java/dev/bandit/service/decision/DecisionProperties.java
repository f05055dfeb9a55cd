package dev.bandit.service.decision;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings {@code bandit.decision.*}.
 *
 * @param storeTimeout how long Redis may take for a batch of decisions before a select that waits for it is answered without
 * @param pace how far apart batches of decisions start that selects wait for; what arrives meanwhile shares one call to Redis
 * @param journalMaxSize how much the local journal holds while Redis is away
 * @param secret signs decision ids, at least 16 characters; default: one made at first start and kept in Postgres for all replicas
 * @param previousSecret also accepted, while a secret is being replaced
 */
@ConfigurationProperties("bandit.decision")
record DecisionProperties(
        @DefaultValue("250ms") Duration storeTimeout,
        @DefaultValue("1ms") Duration pace,
        @DefaultValue("1GB") DataSize journalMaxSize,
        @Nullable String secret,
        @Nullable String previousSecret) {

    DecisionProperties {
        if (storeTimeout.toMillis() < 1 || storeTimeout.toSeconds() > 60) {
            throw new IllegalArgumentException(
                    "bandit.decision.store-timeout is " + storeTimeout + ", expected 1ms to 60s");
        }
        if (journalMaxSize.toBytes() < 1 << 20) {
            throw new IllegalArgumentException(
                    "bandit.decision.journal-max-size is " + journalMaxSize + ", expected 1MB or more");
        }
        tooShort("bandit.decision.secret", secret);
        tooShort("bandit.decision.previous-secret", previousSecret);
    }

    private static void tooShort(String name, @Nullable String secret) {
        if (secret != null && secret.length() < 16) {
            throw new IllegalArgumentException(name + " has " + secret.length() + " characters, expected 16 or more");
        }
    }

    @Override
    public String toString() {
        return "DecisionProperties[storeTimeout=" + storeTimeout + ", journalMaxSize=" + journalMaxSize + "]";
    }
}
