package dev.bandit.service.web;

import java.util.List;
import org.springframework.boot.jackson.autoconfigure.JsonFactoryBuilderCustomizer;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.MutableCoercionConfig;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/** The JSON that requests may be: RFC 8259 to the letter, no field we do not know, no value of another type, nothing endless. */
@Configuration(proxyBeanMethods = false)
class StrictJson {

    private static final int MAX_DEPTH = 32;
    private static final int MAX_NUMBER = 64;
    private static final int MAX_STRING = 4_096;
    private static final int MAX_NAME = 256;

    @Bean
    JsonFactoryBuilderCustomizer strictJsonFactory() {
        return StrictJson::limit;
    }

    @Bean
    JsonMapperBuilderCustomizer strictJsonMapper() {
        return StrictJson::restrict;
    }

    static void limit(JsonFactoryBuilder factory) {
        factory.disable(TokenStreamFactory.Feature.CHARSET_DETECTION) // RFC 8259: UTF-8
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxNumberLength(MAX_NUMBER)
                        .maxStringLength(MAX_STRING)
                        .maxNameLength(MAX_NAME)
                        .build());
    }

    static void restrict(JsonMapper.Builder mapper) {
        mapper.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .addModule(new SimpleModule("finite doubles")
                        .addDeserializer(Double.class, new FiniteDouble(Double.class, null))
                        .addDeserializer(Double.TYPE, new FiniteDouble(Double.TYPE, 0.0)))
                .enable(
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfigDefaults(config -> refuse(config, List.of(CoercionInputShape.EmptyString)))
                .withCoercionConfig(
                        LogicalType.Textual,
                        config -> refuse(
                                config,
                                List.of(
                                        CoercionInputShape.Integer,
                                        CoercionInputShape.Float,
                                        CoercionInputShape.Boolean)))
                .withCoercionConfig(LogicalType.Integer, StrictJson::refuseText)
                .withCoercionConfig(LogicalType.Float, StrictJson::refuseText)
                .withCoercionConfig(LogicalType.Boolean, StrictJson::refuseText);
    }

    private static void refuseText(MutableCoercionConfig config) {
        refuse(config, List.of(CoercionInputShape.String, CoercionInputShape.EmptyString, CoercionInputShape.Boolean));
    }

    private static void refuse(MutableCoercionConfig config, List<CoercionInputShape> shapes) {
        shapes.forEach(shape -> config.setCoercion(shape, CoercionAction.Fail));
    }
}
