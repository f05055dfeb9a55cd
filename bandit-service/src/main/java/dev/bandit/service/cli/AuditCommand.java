package dev.bandit.service.cli;

import picocli.CommandLine.Command;

@Command(
        name = "audit",
        description = "Check that ledger, posteriors and snapshots agree; exits with 1 when they do not.",
        mixinStandardHelpOptions = true)
final class AuditCommand extends AdminCall {

    AuditCommand() {
        super("audit");
    }
}
