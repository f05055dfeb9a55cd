package dev.bandit.service.web;

import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.Problem;
import dev.bandit.service.problem.ProblemJson;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Says what was wrong with a JSON body, and where, without showing class names. */
final class JsonErrors {

    private static final int SHOWN_MAX = 300;
    /** What Jackson tells those who program with it. */
    private static final Pattern OF_JACKSON =
            Pattern.compile("(, from `[^`]*`)|( \\(start marker at .*)|(: enable `[^`]*` to allow)|( \\(or '?NaN.*)");

    private JsonErrors() {}

    /** The problem behind a body that could not be read. */
    static ProblemJson of(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                String parent = failure instanceof JacksonException e ? path(e) : "";
                boolean nested = problem instanceof InvalidRequest && !parent.isEmpty();
                return ProblemJson.from(nested ? ((InvalidRequest) problem).inside(parent) : problem);
            }
            if (cause instanceof SocketTimeoutException) {
                return Problems.of(408, "the body did not arrive in time", null);
            }
        }
        return switch (failure) {
            case null -> Problems.of(400, "the body is missing, expected a JSON object", null);
            case UnrecognizedPropertyException e -> unknownField(e);
            case MismatchedInputException e -> wrongType(e, e.getCurrentToken(), e.getTargetType());
            case InputCoercionException e -> wrongType(e, e.getInputType(), e.getTargetType());
            case JacksonException e -> malformed(e);
            default -> Problems.of(400, "the body could not be read to its end, expected JSON", null);
        };
    }

    private static ProblemJson unknownField(UnrecognizedPropertyException e) {
        String field = path(e);
        Collection<Object> known = e.getKnownPropertyIds();
        String expected = known == null || known.isEmpty()
                ? ""
                : ", expected one of "
                        + known.stream().map(Objects::toString).sorted().collect(Collectors.joining(", "));
        return Problems.of(400, field + " is not a known field" + expected, field);
    }

    private static ProblemJson wrongType(JacksonException e, @Nullable JsonToken found, @Nullable Class<?> target) {
        String field = path(e);
        String where = field.isEmpty() ? "the body" : field;
        boolean number = target == Double.class || target == double.class;
        if (number && (found == JsonToken.VALUE_NUMBER_FLOAT || found == JsonToken.VALUE_NUMBER_INT)) {
            return Problems.of(400, where + " is beyond all numbers, expected a finite one", field);
        }
        String what = found == null || found == JsonToken.END_OBJECT || found == JsonToken.NOT_AVAILABLE
                ? "has the wrong type"
                : "is " + name(found);
        if (e instanceof MismatchedInputException && isTrailing(e)) {
            return Problems.of(400, "the body goes on after its JSON value, expected one JSON value", null);
        }
        return Problems.of(
                400, where + ' ' + what + ", expected " + expected(target, found), field.isEmpty() ? null : field);
    }

    private static boolean isTrailing(JacksonException e) {
        return e.getOriginalMessage().startsWith("Trailing token");
    }

    private static ProblemJson malformed(JacksonException e) {
        TokenStreamLocation at = e.getLocation();
        String where =
                at == null || at.getLineNr() < 1 ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
        String field = path(e);
        String kind =
                e instanceof StreamConstraintsException ? "the body goes beyond a limit" : "the body is not valid JSON";
        String reason = OF_JACKSON.matcher(e.getOriginalMessage()).replaceAll("");
        return Problems.of(400, kind + where + ": " + shown(reason), field.isEmpty() ? null : field);
    }

    private static String name(JsonToken token) {
        return switch (token) {
            case START_OBJECT, PROPERTY_NAME, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT -> "a whole number";
            case VALUE_NUMBER_FLOAT -> "a number with a fraction or an exponent";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            case VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> "something else";
        };
    }

    private static String expected(@Nullable Class<?> target, @Nullable JsonToken found) {
        if (target == null) {
            return "another type";
        }
        if (target == String.class || target == Duration.class || target.isEnum()) {
            return "a string";
        }
        if (target == Boolean.class || target == boolean.class) {
            return "true or false";
        }
        if (target == Integer.class || target == int.class || target == Long.class || target == long.class) {
            boolean large = found == JsonToken.VALUE_NUMBER_INT;
            return large
                    ? "one of at most " + (target == Integer.class || target == int.class ? 32 : 64) + " bits"
                    : "a whole number";
        }
        if (Number.class.isAssignableFrom(target) || target.isPrimitive()) {
            return "a number";
        }
        return Collection.class.isAssignableFrom(target) || target.isArray() ? "an array" : "an object";
    }

    /** {@code variants[3].allocation}; empty for the body itself. */
    private static String path(JacksonException e) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(shown(step.getPropertyName()));
            }
        }
        return path.toString();
    }

    private static String shown(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String head = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
        return head.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    }
}
