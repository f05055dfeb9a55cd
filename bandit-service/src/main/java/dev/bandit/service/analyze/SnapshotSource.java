package dev.bandit.service.analyze;

import java.util.function.Consumer;

/** Where snapshots come from: files, or a table. Its text is what messages call it. */
interface SnapshotSource {

    /**
     * Hands out every snapshot, in whatever order the source has them.
     *
     * @throws AnalysisFailed if the source cannot be read, or holds what is no snapshot
     */
    void read(Consumer<Snapshot> each);

    /** Whether the order in which it names tests and variants is somebody's; otherwise they are sorted. */
    boolean inOrder();
}
