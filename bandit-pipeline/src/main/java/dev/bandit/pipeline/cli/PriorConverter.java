package dev.bandit.pipeline.cli;

import dev.bandit.core.posterior.BetaPosterior;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A Beta distribution as {@code ALPHA,BETA}. */
final class PriorConverter implements ITypeConverter<BetaPosterior> {

    @Override
    public BetaPosterior convert(String text) {
        String[] parts = text.split(",", -1);
        try {
            if (parts.length == 2) {
                return new BetaPosterior(Double.parseDouble(parts[0]), Double.parseDouble(parts[1]));
            }
        } catch (IllegalArgumentException e) {
            // Told below.
        }
        throw new TypeConversionException(
                "'%s' is not ALPHA,BETA, two finite numbers above 0 such as 1,1".formatted(text));
    }
}
