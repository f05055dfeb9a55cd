package dev.bandit.service.plan;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A forecast for programs, as {@code POST /plan} answers it. */
public final class ForecastJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private ForecastJson() {}

    public static String of(Forecast forecast) {
        return JSON.writeValueAsString(forecast);
    }
}
