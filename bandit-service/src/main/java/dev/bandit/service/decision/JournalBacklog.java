package dev.bandit.service.decision;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a journal holds, oldest segment first, and how much of its bound that takes; the writer and readers meet here. */
final class JournalBacklog implements JournalWriter.Target {

    private final long maxBytes;
    private final Deque<JournalSegment> segments;
    private long records;
    private long bytes;
    private long waitingBytes;

    JournalBacklog(List<JournalSegment> left, long maxBytes) {
        this.maxBytes = maxBytes;
        this.segments = new ArrayDeque<>(left);
        for (JournalSegment segment : left) {
            records += segment.pending;
            bytes += segment.end - segment.readAt;
        }
    }

    /** Sets room aside for a record that will be written, if there is any. */
    synchronized boolean reserve(int frameBytes) {
        if (bytes + waitingBytes > maxBytes - frameBytes) {
            return false;
        }
        waitingBytes += frameBytes;
        return true;
    }

    @Override
    public synchronized void began(JournalSegment segment) {
        segments.add(segment);
    }

    @Override
    public synchronized void wrote(JournalSegment segment, long end, JournalWriter.Group group) {
        segment.end = end;
        segment.pending += group.records.size();
        records += group.records.size();
        bytes += group.bytes;
        waitingBytes -= group.bytes;
    }

    @Override
    public synchronized void failed(JournalWriter.Group group) {
        waitingBytes -= group.bytes;
    }

    @Override
    public synchronized void sealed(JournalSegment segment) {
        segment.sealed = true;
        if (segment.end == 0) {
            segments.remove(segment);
        }
    }

    /** The segment of the oldest record, or one that is drained and sealed; null if there is neither. */
    synchronized @Nullable JournalSegment head() {
        JournalSegment head = segments.peek();
        return head != null && (head.pending > 0 || head.sealed) ? head : null;
    }

    /** The record at the read position of the oldest segment was delivered. */
    synchronized void delivered(JournalSegment head, int frameBytes) {
        head.readAt += frameBytes;
        head.pending--;
        records--;
        bytes -= frameBytes;
    }

    /** The rest of the oldest segment, as far as it is written, is given up; returns how many records that was. */
    synchronized long skip(JournalSegment head) {
        long skipped = head.pending;
        records -= skipped;
        bytes -= head.end - head.readAt;
        head.readAt = head.end;
        head.pending = 0;
        return skipped;
    }

    /** Takes the oldest segment out; returns whether it was the last of its slot. */
    synchronized boolean drop(JournalSegment head) {
        segments.remove(head);
        JournalSegment next = segments.peek();
        return next == null || next.slot != head.slot;
    }

    synchronized List<JournalSegment> segments() {
        return List.copyOf(segments);
    }

    synchronized long records() {
        return records;
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Whether nothing is held, and nothing is about to be. */
    synchronized boolean isEmpty() {
        return records == 0 && waitingBytes == 0;
    }
}
