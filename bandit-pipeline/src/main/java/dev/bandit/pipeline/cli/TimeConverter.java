package dev.bandit.pipeline.cli;

import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A moment in ISO 8601, or the beginning of a day in UTC. */
final class TimeConverter implements ITypeConverter<OffsetDateTime> {

    @Override
    public OffsetDateTime convert(String text) {
        try {
            return text.contains("T")
                    ? OffsetDateTime.parse(text)
                    : LocalDate.parse(text).atStartOfDay().atOffset(ZoneOffset.UTC);
        } catch (DateTimeParseException e) {
            throw new TypeConversionException(
                    "'%s' is no time such as 2026-11-22T15:00:00Z, nor a day such as 2026-11-22".formatted(text));
        }
    }
}
