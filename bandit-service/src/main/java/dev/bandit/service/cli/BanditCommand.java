package dev.bandit.service.cli;

import dev.bandit.cli.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** {@code bandit}: the entry of the command line. Without a command it serves. */
@Command(
        name = "bandit",
        description = "Adaptive experiments as a service.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = BanditCommand.Version.class,
        footer = {"", "Of the pipeline: ingest, ope, conclude, simulate, report; ./bandit COMMAND --help tells more."},
        subcommands = {HelpCommand.class})
public final class BanditCommand {

    private BanditCommand() {}

    /**
     * Runs one command.
     *
     * @param application the Spring Boot application that {@code serve} starts
     * @return the exit status: 0 done (or serving), 1 failed, 2 wrong usage
     */
    public static int execute(Class<?> application, String... args) {
        return commandLine(application).execute(withCommand(args));
    }

    static CommandLine commandLine(Class<?> application) {
        return Commands.prepare(new CommandLine(new BanditCommand())
                .addSubcommand(new ServeCommand(application))
                .addSubcommand(new EngineCommand(application))
                .addSubcommand(new RehearseCommand(application))
                .addSubcommand(new RebuildCommand())
                .addSubcommand(new AuditCommand())
                .addSubcommand(new ValidateCommand())
                .addSubcommand(new SchemaCommand())
                .addSubcommand(new PlanCommand())
                .addSubcommand(new AnalyzeCommand())
                .addSubcommand(new TrafficCommand())
                .addSubcommand(new VersionCommand()));
    }

    /** {@code java -jar bandit-service.jar --server.port=…} serves, as any Spring Boot jar does. */
    private static String[] withCommand(String... args) {
        var all = new ArrayList<>(List.of(args));
        if (all.isEmpty()
                || all.getFirst().startsWith("--")
                        && !List.of("--help", "--version").contains(all.getFirst())) {
            all.addFirst("serve");
        }
        return all.toArray(String[]::new);
    }

    /** What the build noted down about itself. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"bandit " + version() + " (Java " + Runtime.version() + ")"};
        }

        private static String version() {
            var build = new Properties();
            try (var notes = BanditCommand.class.getResourceAsStream("/META-INF/build-info.properties")) {
                if (notes != null) {
                    build.load(notes);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return build.getProperty("build.version", "(not packaged)");
        }
    }

    @Command(name = "version", description = "Print the version.")
    static final class VersionCommand implements Runnable {

        @Override
        public void run() {
            System.out.println(new Version().getVersion()[0]);
        }
    }
}
