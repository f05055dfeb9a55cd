package dev.bandit.service.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, as it travels through the outbox and stands in {@code bandit_events}.
 *
 * <p>In the outbox an event is one letter for its kind, put there by the script that decided it, and then what {@link #body} gives; events
 * follow each other without separators.
 *
 * @param kind what happened
 * @param eventId the decision, or the digest of the name that its sender gave a reward or an exposure
 * @param eventTime when the decision was made, or what its sender named was recorded; ms since the epoch
 * @param recordedAt when it reached us; ms since the epoch
 * @param armId the arm
 * @param unitId whom it was decided for, if told
 * @param choice how the arm was chosen; decisions of ours only
 * @param micros the reward in millionths; rewards only, otherwise -1
 * @param rewardId the name its sender gave the reward or the exposure
 * @param observation how the arm did its work; observations only
 */
public record LedgerEvent(
        Kind kind,
        UUID eventId,
        long eventTime,
        long recordedAt,
        String armId,
        @Nullable String unitId,
        @Nullable Choice choice,
        int micros,
        @Nullable String rewardId,
        @Nullable Observation observation) {

    /** Anything but an observation. */
    public LedgerEvent(
            Kind kind,
            UUID eventId,
            long eventTime,
            long recordedAt,
            String armId,
            @Nullable String unitId,
            @Nullable Choice choice,
            int micros,
            @Nullable String rewardId) {
        this(kind, eventId, eventTime, recordedAt, armId, unitId, choice, micros, rewardId, null);
    }

    /** What happened, and the letter that says so in the outbox. */
    public enum Kind {
        DECISION('D', "decision"),
        REWARD('R', "reward"),
        /** A reward after its decision's window: on record, not learned from. */
        LATE('L', "late"),
        /** A window closed without a reward. */
        MATURED('M', "matured"),
        /** How a decision's arm did its work: nothing is learned from it, reports are. */
        OBSERVATION('O', "observation");

        private final byte letter;
        private final String label;

        Kind(char letter, String label) {
            this.letter = (byte) letter;
            this.label = label;
        }

        /** The letter in the outbox. */
        public byte letter() {
            return letter;
        }

        /** The text in the column {@code kind}. */
        public String label() {
            return label;
        }

        static Kind ofLetter(byte letter) {
            return switch (letter) {
                case 'D' -> DECISION;
                case 'R' -> REWARD;
                case 'L' -> LATE;
                case 'M' -> MATURED;
                case 'O' -> OBSERVATION;
                default ->
                    throw new IllegalArgumentException(
                            "event kind " + letter + " in the outbox, expected D, R, L, M or O");
            };
        }
    }

    /**
     * How an arm was chosen.
     *
     * @param propensities of all arms; null for an arm that a unit keeps, and where there are too many
     */
    public record Choice(
            double propensity,
            String policy,
            long posteriorVersion,
            int definitionVersion,
            @Nullable Propensities propensities) {}

    private static final int UNIT = 1;
    private static final int CHOICE = 2;
    private static final int REWARD_ID = 4;
    private static final int PROPENSITIES = 8;
    private static final int OBSERVATION = 16;

    /** Everything but the kind. */
    public byte[] body() {
        byte[] arm = armId.getBytes(UTF_8);
        byte[] unit = unitId == null ? null : unitId.getBytes(UTF_8);
        byte[] policy = choice == null ? null : choice.policy.getBytes(UTF_8);
        byte[] name = rewardId == null ? null : rewardId.getBytes(UTF_8);
        Propensities propensities = choice == null ? null : choice.propensities;
        int size = 16
                + 8
                + 8
                + 4
                + 1
                + 2
                + arm.length
                + (unit == null ? 0 : 2 + unit.length)
                + (policy == null ? 0 : 8 + 8 + 4 + 2 + policy.length)
                + (name == null ? 0 : 2 + name.length)
                + (propensities == null ? 0 : propensities.bytes())
                + (observation == null ? 0 : observation.bytes());
        ByteBuffer out = ByteBuffer.allocate(size)
                .putLong(eventId.getMostSignificantBits())
                .putLong(eventId.getLeastSignificantBits())
                .putLong(eventTime)
                .putLong(recordedAt)
                .putInt(micros)
                .put((byte) ((unit == null ? 0 : UNIT)
                        | (choice == null ? 0 : CHOICE)
                        | (name == null ? 0 : REWARD_ID)
                        | (propensities == null ? 0 : PROPENSITIES)
                        | (observation == null ? 0 : OBSERVATION)));
        putText(out, arm);
        if (unit != null) {
            putText(out, unit);
        }
        if (choice != null && policy != null) {
            out.putDouble(choice.propensity).putLong(choice.posteriorVersion).putInt(choice.definitionVersion);
            putText(out, policy);
            if (propensities != null) {
                propensities.put(out);
            }
        }
        if (name != null) {
            putText(out, name);
        }
        if (observation != null) {
            observation.put(out);
        }
        return out.array();
    }

    /** Reads the events of one outbox entry. */
    public static List<LedgerEvent> readAll(byte[] entry) {
        ByteBuffer in = ByteBuffer.wrap(entry);
        List<LedgerEvent> events = new ArrayList<>();
        while (in.hasRemaining()) {
            Kind kind = Kind.ofLetter(in.get());
            UUID eventId = new UUID(in.getLong(), in.getLong());
            long eventTime = in.getLong();
            long recordedAt = in.getLong();
            int micros = in.getInt();
            int has = in.get();
            String arm = getText(in);
            String unit = (has & UNIT) == 0 ? null : getText(in);
            Choice choice = null;
            if ((has & CHOICE) != 0) {
                double propensity = in.getDouble();
                long posteriorVersion = in.getLong();
                int definitionVersion = in.getInt();
                String policy = getText(in);
                Propensities propensities = (has & PROPENSITIES) == 0 ? null : Propensities.read(in);
                choice = new Choice(propensity, policy, posteriorVersion, definitionVersion, propensities);
            }
            String name = (has & REWARD_ID) == 0 ? null : getText(in);
            Observation observation = (has & OBSERVATION) == 0 ? null : Observation.read(in);
            events.add(new LedgerEvent(
                    kind,
                    eventId,
                    eventTime,
                    recordedAt,
                    arm,
                    unit,
                    choice,
                    kind == Kind.MATURED ? -1 : micros,
                    name,
                    observation));
        }
        return events;
    }

    static void putText(ByteBuffer out, byte[] text) {
        out.putShort((short) text.length).put(text);
    }

    static String getText(ByteBuffer in) {
        byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(text);
        return new String(text, UTF_8);
    }
}
