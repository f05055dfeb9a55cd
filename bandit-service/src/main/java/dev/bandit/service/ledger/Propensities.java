package dev.bandit.service.ledger;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The probability of each arm at a decision, in single precision (a relative error of 6e-8): what reports weigh by. Immutable. */
public final class Propensities {

    /** More arms than this are not put on record: a decision would be mostly propensities. */
    public static final int MAX_ARMS = 32;

    private final float[] byArm;

    private Propensities(float[] byArm) {
        this.byArm = byArm;
    }

    /**
     * @param probabilities of each arm, in the order of the definition
     * @throws IllegalArgumentException beyond {@link #MAX_ARMS}
     */
    public static Propensities of(double... probabilities) {
        if (probabilities.length > MAX_ARMS) {
            throw new IllegalArgumentException(probabilities.length + " arms, expected at most " + MAX_ARMS);
        }
        float[] byArm = new float[probabilities.length];
        for (int i = 0; i < byArm.length; i++) {
            byArm[i] = (float) probabilities[i];
        }
        return new Propensities(byArm);
    }

    /** How many arms there are. */
    public int arms() {
        return byArm.length;
    }

    /** Of the arm at that place in the definition. */
    public float get(int arm) {
        return byArm[arm];
    }

    int bytes() {
        return 2 + Float.BYTES * byArm.length;
    }

    void put(ByteBuffer out) {
        out.putShort((short) byArm.length);
        for (float probability : byArm) {
            out.putFloat(probability);
        }
    }

    static Propensities read(ByteBuffer in) {
        float[] byArm = new float[Short.toUnsignedInt(in.getShort())];
        for (int i = 0; i < byArm.length; i++) {
            byArm[i] = in.getFloat();
        }
        return new Propensities(byArm);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Propensities that && Arrays.equals(byArm, that.byArm);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(byArm);
    }

    @Override
    public String toString() {
        return Arrays.toString(byArm);
    }
}
