package dev.bandit.service.sink;

import dev.bandit.service.snapshot.SnapshotRow;
import java.time.Instant;
import java.util.List;

/** All rows of one moment, by test and variant. */
record Tick(Instant time, List<SnapshotRow> rows) {}
