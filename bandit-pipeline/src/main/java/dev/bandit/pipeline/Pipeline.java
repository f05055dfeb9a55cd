package dev.bandit.pipeline;

import dev.bandit.pipeline.cli.PipelineCommand;

/** The way into every command. */
public final class Pipeline {

    private Pipeline() {}

    public static void main(String[] args) {
        System.exit(PipelineCommand.execute(args));
    }
}
