package dev.bandit.service.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;

/**
 * Rows for {@code COPY … FROM STDIN (FORMAT binary)}: a growing buffer of tuples in PostgreSQL's wire format.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4.5">COPY binary format</a>
 */
final class CopyRows {

    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    private static final byte JSONB_VERSION = 1;
    private static final int FLOAT4_OID = 700;
    private static final long EPOCH_2000_MS = 946_684_800_000L;

    private byte[] buffer = Arrays.copyOf(HEADER, 1 << 16);
    private int size = HEADER.length;

    void row(int columns) {
        room(2);
        putShort(columns);
    }

    void text(@Nullable String value) {
        if (value == null) {
            absent();
            return;
        }
        byte[] bytes = value.getBytes(UTF_8);
        room(4 + bytes.length);
        putInt(bytes.length);
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
    }

    void uuid(long most, long least) {
        room(20);
        putInt(16);
        putLong(most);
        putLong(least);
    }

    void timestamp(long epochMs) {
        bigint((epochMs - EPOCH_2000_MS) * 1000);
    }

    void bigint(long value) {
        room(12);
        putInt(8);
        putLong(value);
    }

    void integer(int value) {
        room(8);
        putInt(4);
        putInt(value);
    }

    void number(double value) {
        bigint(Double.doubleToLongBits(value));
    }

    /** An object of any size in text. */
    void json(@Nullable String value) {
        if (value == null) {
            absent();
            return;
        }
        byte[] bytes = value.getBytes(UTF_8);
        room(5 + bytes.length);
        putInt(1 + bytes.length);
        buffer[size++] = JSONB_VERSION;
        System.arraycopy(bytes, 0, buffer, size, bytes.length);
        size += bytes.length;
    }

    void number(@Nullable Double value) {
        if (value == null) {
            absent();
        } else {
            number(value.doubleValue());
        }
    }

    /** {@code real[]}: one dimension from 1, no nulls. */
    void reals(@Nullable Propensities values) {
        if (values == null) {
            absent();
            return;
        }
        room(4 + 20 + 8 * values.arms());
        putInt(20 + 8 * values.arms());
        putInt(1);
        putInt(0);
        putInt(FLOAT4_OID);
        putInt(values.arms());
        putInt(1);
        for (int i = 0; i < values.arms(); i++) {
            putInt(4);
            putInt(Float.floatToIntBits(values.get(i)));
        }
    }

    void absent() {
        room(4);
        putInt(-1);
    }

    /** Sends everything with the trailer and ends the command. The rows stay, and may be sent again. */
    long send(CopyIn copy) throws SQLException {
        room(2);
        int rows = size;
        putShort(-1);
        copy.writeToCopy(buffer, 0, size);
        size = rows;
        return copy.endCopy();
    }

    private void room(int bytes) {
        if (size + bytes > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, size + bytes));
        }
    }

    private void putShort(int value) {
        buffer[size++] = (byte) (value >> 8);
        buffer[size++] = (byte) value;
    }

    private void putInt(int value) {
        putShort(value >> 16);
        putShort(value);
    }

    private void putLong(long value) {
        putInt((int) (value >> 32));
        putInt((int) value);
    }
}
