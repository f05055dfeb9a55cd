package dev.bandit.service.cli;

import picocli.CommandLine.Command;

@Command(
        name = "rebuild",
        description = "Recount posteriors and remembered rewards from the ledger into Redis, then audit them.",
        mixinStandardHelpOptions = true)
final class RebuildCommand extends AdminCall {

    RebuildCommand() {
        super("rebuild");
    }
}
