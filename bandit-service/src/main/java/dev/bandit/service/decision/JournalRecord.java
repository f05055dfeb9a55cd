package dev.bandit.service.decision;

import dev.bandit.service.posterior.DecisionStore.Batch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A batch of decisions as the journal keeps it. */
record JournalRecord(String experimentId, Batch batch) {

    static byte[] write(String experimentId, Batch batch) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(experimentId);
            out.writeLong(batch.stream());
            out.writeLong(batch.first());
            out.writeLong(batch.last());
            out.writeInt(batch.arms().size());
            for (var arm : batch.arms().entrySet()) {
                out.writeUTF(arm.getKey());
                out.writeInt(arm.getValue());
            }
            out.writeInt(batch.events().length);
            out.write(batch.events());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static JournalRecord read(byte[] record) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(record))) {
            String experimentId = in.readUTF();
            long stream = in.readLong();
            long first = in.readLong();
            long last = in.readLong();
            Map<String, Integer> arms = new LinkedHashMap<>();
            for (int left = in.readInt(); left > 0; left--) {
                arms.put(in.readUTF(), in.readInt());
            }
            byte[] events = in.readNBytes(in.readInt());
            return new JournalRecord(experimentId, new Batch(stream, first, last, arms, events));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
