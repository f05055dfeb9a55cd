package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.obd.Behavior;
import dev.bandit.pipeline.obd.Campaign;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.store.Store;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which log is read; all of it has to be said. */
final class LogOptions {

    @Option(
            names = "--store",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            required = true,
            description = "Where ingest put the logs.")
    private @Nullable String store;

    @Option(names = "--behavior", paramLabel = "POLICY", required = true, description = "Whose log: random or bts.")
    private @Nullable Behavior behavior;

    @Option(names = "--campaign", paramLabel = "CAMPAIGN", required = true, description = "all, men or women.")
    private @Nullable Campaign campaign;

    Store open() {
        return Store.open(Objects.requireNonNull(store));
    }

    /** @param store {@link #open} */
    LoggedRounds rounds(Store store) {
        return LoggedRounds.of(Silver.open(store, Objects.requireNonNull(behavior), Objects.requireNonNull(campaign)));
    }

    /** What it is called. */
    String name() {
        return behavior + "/" + campaign;
    }

    String campaign() {
        return Objects.requireNonNull(campaign).toString();
    }
}
