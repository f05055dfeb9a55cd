package dev.bandit.service.file;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;

/** What may stand at a place in the file, read off the wire records. */
sealed interface Shape {

    /** The whole file. */
    Shape FILE = of(FileJson.class);

    /** Named fields, in the order of the record. */
    record Fields(SequencedMap<String, Field> fields) implements Shape {}

    /** A list. */
    record Items(Shape each, @Nullable Schema eachSchema) implements Shape {}

    /** One value. */
    enum Scalar implements Shape {
        TEXT,
        NUMBER,
        WHOLE,
        BOOLEAN
    }

    /** A field; its annotations are for the JSON Schema. */
    record Field(
            Shape shape, @Nullable Schema schema, @Nullable ArraySchema array) {

        boolean required() {
            return schema != null && schema.requiredMode() == RequiredMode.REQUIRED;
        }
    }

    private static Shape of(Type type) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return new Items(of(list.getActualTypeArguments()[0]), null);
        }
        if (type instanceof Class<?> record && record.isRecord()) {
            SequencedMap<String, Field> fields = new LinkedHashMap<>();
            for (RecordComponent component : record.getRecordComponents()) {
                add(fields, component);
            }
            return new Fields(Collections.unmodifiableSequencedMap(fields));
        }
        if (type == String.class) {
            return Scalar.TEXT;
        }
        if (type == Double.class) {
            return Scalar.NUMBER;
        }
        if (type == Long.class) {
            return Scalar.WHOLE;
        }
        if (type == Boolean.class) {
            return Scalar.BOOLEAN;
        }
        throw new IllegalArgumentException(type + " has no shape");
    }

    private static void add(SequencedMap<String, Field> fields, RecordComponent component) {
        Shape shape = of(component.getGenericType());
        if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class) && shape instanceof Fields inner) {
            fields.putAll(inner.fields());
            return;
        }
        ArraySchema array = component.getAccessor().getAnnotation(ArraySchema.class);
        Schema schema = array == null ? component.getAccessor().getAnnotation(Schema.class) : array.arraySchema();
        if (array != null && shape instanceof Items items) {
            shape = new Items(items.each(), array.schema());
        }
        fields.put(SnakeCase.of(component.getName()), new Field(shape, schema, array));
    }

    /** The names that Jackson gives to fields. */
    final class SnakeCase extends PropertyNamingStrategies.SnakeCaseStrategy {

        private static final long serialVersionUID = 1L;

        static String of(String name) {
            return new SnakeCase().translate(name);
        }
    }
}
