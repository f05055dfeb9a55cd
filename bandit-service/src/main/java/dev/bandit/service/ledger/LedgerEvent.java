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
        @Nullable String rewardId) {

    /** What happened, and the letter that says so in the outbox. */
    public enum Kind {
        DECISION('D', "decision"),
        REWARD('R', "reward"),
        /** A reward after its decision's window: on record, not learned from. */
        LATE('L', "late"),
        /** A window closed without a reward. */
        MATURED('M', "matured");

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
                default ->
                    throw new IllegalArgumentException(
                            "event kind " + letter + " in the outbox, expected D, R, L or M");
            };
        }
    }

    /** How an arm was chosen. */
    public record Choice(double propensity, String policy, long posteriorVersion, int definitionVersion) {}

    private static final int UNIT = 1;
    private static final int CHOICE = 2;
    private static final int REWARD_ID = 4;

    /** Everything but the kind. */
    public byte[] body() {
        byte[] arm = armId.getBytes(UTF_8);
        byte[] unit = unitId == null ? null : unitId.getBytes(UTF_8);
        byte[] policy = choice == null ? null : choice.policy.getBytes(UTF_8);
        byte[] name = rewardId == null ? null : rewardId.getBytes(UTF_8);
        int size = 16
                + 8
                + 8
                + 4
                + 1
                + 2
                + arm.length
                + (unit == null ? 0 : 2 + unit.length)
                + (policy == null ? 0 : 8 + 8 + 4 + 2 + policy.length)
                + (name == null ? 0 : 2 + name.length);
        ByteBuffer out = ByteBuffer.allocate(size)
                .putLong(eventId.getMostSignificantBits())
                .putLong(eventId.getLeastSignificantBits())
                .putLong(eventTime)
                .putLong(recordedAt)
                .putInt(micros)
                .put((byte)
                        ((unit == null ? 0 : UNIT) | (choice == null ? 0 : CHOICE) | (name == null ? 0 : REWARD_ID)));
        putText(out, arm);
        if (unit != null) {
            putText(out, unit);
        }
        if (choice != null && policy != null) {
            out.putDouble(choice.propensity).putLong(choice.posteriorVersion).putInt(choice.definitionVersion);
            putText(out, policy);
        }
        if (name != null) {
            putText(out, name);
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
                choice = new Choice(propensity, getText(in), posteriorVersion, definitionVersion);
            }
            String name = (has & REWARD_ID) == 0 ? null : getText(in);
            events.add(new LedgerEvent(
                    kind, eventId, eventTime, recordedAt, arm, unit, choice, kind == Kind.MATURED ? -1 : micros, name));
        }
        return events;
    }

    private static void putText(ByteBuffer out, byte[] text) {
        out.putShort((short) text.length).put(text);
    }

    private static String getText(ByteBuffer in) {
        byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(text);
        return new String(text, UTF_8);
    }
}
