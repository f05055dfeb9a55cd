package dev.bandit.service.experiment;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A choice with the name that JSON and YAML use for it: the constant's name in lower case. */
public interface Label {

    /** The constant's name; implemented by the enum. */
    String name();

    /** The name on the wire. */
    default String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The constant with that name on the wire.
     *
     * @throws InvalidDefinition if there is none; the message lists what was expected
     */
    static <E extends Enum<E> & Label> E parse(String field, Class<E> type, String text) {
        for (E constant : type.getEnumConstants()) {
            if (constant.label().equals(text)) {
                return constant;
            }
        }
        String expected =
                Arrays.stream(type.getEnumConstants()).map(Label::label).collect(Collectors.joining(", "));
        throw new InvalidDefinition(field, "is " + Check.shown(text) + ", expected one of " + expected);
    }
}
