package dev.bandit.service.store;

import java.nio.charset.StandardCharsets;

/**
 * The names of one experiment's keys. All share the hash tag {@code {id}}, so that one Redis Cluster slot, and one script call, holds them.
 *
 * <p>Ids and arm names are limited to {@code [A-Za-z0-9._-]}, so no name can run into another.
 */
public final class Keys {

    /** Decisions a chunk of the remembered rewards covers. */
    public static final int CHUNK = 4096;

    private final String prefix;

    private Keys(String experimentId) {
        this.prefix = "experiment:{" + experimentId + "}:";
    }

    /** The keys of the experiment with this id. */
    public static Keys of(String experimentId) {
        return new Keys(experimentId);
    }

    /** Which incarnation of the state this is; see ADR 6. */
    public byte[] epoch() {
        return key("epoch");
    }

    /** How many scripts have changed the state. */
    public byte[] version() {
        return key("version");
    }

    /** The version of the definition whose arms are laid out. */
    public byte[] layout() {
        return key("layout");
    }

    /**
     * Hash of integer counters: {@code d:<arm>} decisions, {@code n:<arm>} outcomes learned, {@code m:<arm>} those of
     * them that are windows closed without a reward, {@code s:<arm>} the sum of the rewards in millionths.
     */
    public byte[] counts() {
        return key("counts");
    }

    /** Stream of what happened and is not in Postgres yet. */
    public byte[] outbox() {
        return key("outbox");
    }

    /** Hash: decision stream to the last counter on record. */
    public byte[] streams() {
        return key("streams");
    }

    /** Stream of the decisions whose window is open. */
    public byte[] open() {
        return key("open");
    }

    /** Decimal text of the arm's alpha. */
    public byte[] alpha(String armId) {
        return key("arm:" + armId + ":alpha");
    }

    /** Decimal text of the arm's beta. */
    public byte[] beta(String armId) {
        return key("arm:" + armId + ":beta");
    }

    /** Two bits for each decision of the chunk: is it rewarded, and with what. */
    public byte[] seen(long stream, long chunk) {
        return key("seen:" + Long.toHexString(stream) + ":" + chunk);
    }

    /** Three bytes for each decision of the chunk, for rewards that two bits cannot tell. */
    public byte[] value(long stream, long chunk) {
        return key("value:" + Long.toHexString(stream) + ":" + chunk);
    }

    /** Hash of the rewards and exposures named by their sender in one period. */
    public byte[] named(long period) {
        return key("named:" + period);
    }

    /** The arm a unit keeps. */
    public byte[] unit(String unitId) {
        return (prefix + "unit:" + unitId).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] key(String suffix) {
        return (prefix + suffix).getBytes(StandardCharsets.ISO_8859_1);
    }
}
