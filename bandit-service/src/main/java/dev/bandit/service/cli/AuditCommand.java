package dev.bandit.service.cli;

import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(
        name = "audit",
        description = "Check that ledger, posteriors and snapshots agree; exits with 1 when they do not.",
        mixinStandardHelpOptions = true)
final class AuditCommand extends AdminCall {

    private static final String VERDICT = "agrees";

    AuditCommand() {
        super("audit");
    }

    @Override
    boolean isBad(JsonNode answer) {
        return !answer.path(VERDICT).asBoolean(true)
                || StreamSupport.stream(Table.rows(answer).spliterator(), false)
                        .anyMatch(row -> !row.path(VERDICT).asBoolean(true));
    }
}
