package dev.bandit.service.cli;

import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

@Command(
        name = "rebuild",
        description = "Recount posteriors and remembered rewards from the ledger into Redis.",
        mixinStandardHelpOptions = true)
final class RebuildCommand extends AdminCall {

    RebuildCommand() {
        super("rebuild");
    }

    @Override
    boolean isBad(JsonNode answer) {
        return false;
    }
}
