package dev.bandit.pipeline.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/** What became of a command. */
record Run(int status, String out, String err) {

    static Run of(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = args[i].toString();
        }
        int status = PipelineCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(texts);
        return new Run(status, out.toString(), err.toString());
    }
}
