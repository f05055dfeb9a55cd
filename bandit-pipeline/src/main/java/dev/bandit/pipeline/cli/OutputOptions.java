package dev.bandit.pipeline.cli;

import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Where results go: to standard output as text or JSON, and into a folder if one is named. */
final class OutputOptions extends FolderOptions {

    enum Format {
        text,
        json
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    /** Prints the result as it was asked for. */
    void print(Supplier<String> text, Supplier<String> json) {
        var stream = commandLine().getOut();
        stream.println(
                switch (format) {
                    case text -> text.get();
                    case json -> json.get();
                });
        stream.flush();
    }
}
