package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.ledger.Ledger;
import dev.bandit.pipeline.ledger.PostgresAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a service has its ledger. */
final class LedgerOptions {

    @Option(
            names = "--postgres",
            paramLabel = "URL",
            description =
                    "The service's Postgres: jdbc:postgresql://HOST:PORT/DATABASE or postgresql://USER@HOST:PORT/DATABASE (default: what"
                            + " SPRING_DATASOURCE_URL, _USERNAME and _PASSWORD say, or PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD).")
    private @Nullable String postgres;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /** @throws ParameterException if nobody says where it is */
    Ledger open() {
        return Ledger.open(PostgresAddress.of(postgres, System.getenv())
                .orElseThrow(() -> new ParameterException(
                        Objects.requireNonNull(command).commandLine(),
                        "Where is the ledger? Name the service's Postgres with --postgres, SPRING_DATASOURCE_URL or PGHOST; the port and"
                                + " password of an embedded one are in DATA_DIR/postgres")));
    }
}
