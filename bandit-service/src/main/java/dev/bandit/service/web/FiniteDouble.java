package dev.bandit.service.web;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.jdk.NumberDeserializers;

/** A double from a JSON number only: Jackson's own also takes the texts "NaN" and "Infinity", and makes infinity of 1e400. */
final class FiniteDouble extends NumberDeserializers.DoubleDeserializer {

    @SuppressWarnings("unchecked") // double.class is a Class<Double>
    FiniteDouble(Class<?> type, @Nullable Double whenNull) {
        super((Class<Double>) type, whenNull);
    }

    @Override
    public Double deserialize(JsonParser parser, DeserializationContext context) {
        if (parser.hasToken(JsonToken.VALUE_STRING)) {
            return (Double) context.handleUnexpectedToken(getValueType(context), parser);
        }
        Double value = super.deserialize(parser, context);
        if (value != null && !Double.isFinite(value)) {
            return (Double) context.handleWeirdNumberValue(handledType(), value, "not finite");
        }
        return value;
    }
}
