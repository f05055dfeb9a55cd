package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.obd.Generator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Values that options may have; others are wrong usage. */
record Ranges(CommandLine command) {

    /**
     * @param holds whether the value is one that is expected
     * @throws ParameterException if it is not
     */
    void require(String option, Object value, boolean holds, String expected) {
        if (!holds) {
            throw new ParameterException(command, "%s is %s, expected %s".formatted(option, value, expected));
        }
    }

    /** @param position null: not given */
    void position(@Nullable Integer position) {
        if (position != null) {
            require(
                    "--position",
                    position,
                    position >= 1 && position <= Generator.POSITIONS,
                    "1 to " + Generator.POSITIONS);
        }
    }
}
