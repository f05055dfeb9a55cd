package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.obd.Behavior;
import dev.bandit.pipeline.obd.Campaign;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.store.Store;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which log is read; all of it has to be said. */
final class LogOptions {

    @Option(
            names = "--store",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            required = true,
            description = "Where ingest put the logs.")
    private @Nullable String store;

    @Option(
            names = "--dataset",
            paramLabel = "DATASET",
            description =
                    "obd, which needs --behavior and --campaign, or online-retail, which has neither (default: obd).")
    private @Nullable LoggedDataset dataset;

    @Option(names = "--behavior", paramLabel = "POLICY", description = "Whose log: random or bts.")
    private @Nullable Behavior behavior;

    @Option(names = "--campaign", paramLabel = "CAMPAIGN", description = "all, men or women.")
    private @Nullable Campaign campaign;

    /**
     * @param command for what is wrong with its usage
     * @throws ParameterException if these options do not say which log
     */
    Store open(CommandLine command) {
        if (isRetail()) {
            if (behavior != null || campaign != null) {
                throw new ParameterException(command, "--behavior and --campaign do not go with --dataset " + dataset);
            }
        } else if (behavior == null || campaign == null) {
            throw new ParameterException(
                    command,
                    "Missing required option: "
                            + (behavior == null ? "'--behavior=POLICY'" : "'--campaign=CAMPAIGN'")
                            + " (or --dataset online-retail)");
        }
        return Store.open(Objects.requireNonNull(store));
    }

    /** @param store {@link #open} */
    LoggedRounds rounds(Store store) {
        return isRetail()
                ? LoggedRounds.of(dev.bandit.pipeline.retail.Silver.open(store))
                : LoggedRounds.of(
                        Silver.open(store, Objects.requireNonNull(behavior), Objects.requireNonNull(campaign)));
    }

    /** What it is called. */
    String name() {
        return isRetail() ? LoggedDataset.ONLINE_RETAIL.toString() : behavior + "/" + campaign;
    }

    /** The section of a file that has several. */
    String section() {
        return isRetail() ? name() : Objects.requireNonNull(campaign).toString();
    }

    private boolean isRetail() {
        return dataset == LoggedDataset.ONLINE_RETAIL;
    }
}
