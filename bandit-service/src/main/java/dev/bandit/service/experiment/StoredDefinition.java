package dev.bandit.service.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Definitions as Postgres keeps them: the wire's JSON, whatever the application's mapper is set to. */
final class StoredDefinition {

    /** Ignores fields it does not know: they are a newer replica's, during an upgrade. */
    static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private StoredDefinition() {}

    static String write(Definition definition) {
        return MAPPER.writeValueAsString(DefinitionJson.from(definition));
    }

    static Definition read(String json) {
        return MAPPER.readValue(json, DefinitionJson.class).toDomain();
    }
}
