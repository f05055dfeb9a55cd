package dev.bandit.service.analyze;

import java.util.function.Consumer;

/** Where snapshots come from: a file or a folder now, a live table is one more of these. */
interface SnapshotSource {

    /**
     * Hands out every snapshot, in whatever order the source has them.
     *
     * @throws AnalysisFailed if the source cannot be read, or holds what is no snapshot
     */
    void read(Consumer<Snapshot> each);
}
