package dev.bandit.service.web;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import dev.bandit.service.endpoint.PostEndpoint;
import dev.bandit.service.problem.ProblemJson;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverters;
import io.swagger.v3.core.converter.ResolvedSchema;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.RequestBody;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.servers.Server;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.StringUtils;

/** What {@code /v3/api-docs} says of every endpoint alike: names in snake_case, JSON, and problems when it goes wrong. */
@ConditionalOnWebApplication
@Configuration(proxyBeanMethods = false)
class OpenApiDescription {

    private static final String JSON = "application/json";
    private static final String PROBLEM = "Problem";

    /** springdoc reads types with a Jackson 2 of its own, which does not know the application's naming strategy. */
    @Bean
    ModelResolver snakeCaseModels(ObjectMapperProvider mappers) {
        return new ModelResolver(
                        mappers.jsonMapper().copy().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE))
                .openapi31(mappers.isOpenapi31());
    }

    @Bean
    OpenAPI bandit() {
        return new OpenAPI()
                .info(
                        new Info()
                                .title("Bandit")
                                .version("1")
                                .description(
                                        "Adaptive experiments: ask which arm to show, report what came of it, read what is known by now. Errors are RFC 9457 problems that name the field."))
                .servers(List.of(new Server().url("/")));
    }

    @Bean
    GlobalOpenApiCustomizer completeEverywhere(
            ObjectMapperProvider mappers, ObjectProvider<PostEndpoint<?, ?>> endpoints) {
        return api -> {
            ModelConverters models = ModelConverters.getInstance(mappers.isOpenapi31());
            endpoints
                    .orderedStream()
                    .forEach(endpoint -> api.getPaths()
                            .addPathItem(
                                    endpoint.path(),
                                    new PathItem().post(operation(endpoint, api.getComponents(), models))));
            Schema<?> problem = models.resolveAsResolvedSchema(new AnnotatedType(ProblemJson.class)).schema;
            api.getComponents().getSchemas().values().forEach(OpenApiDescription::numberDefaults);
            api.getComponents().addSchemas(PROBLEM, problem);
            api.getPaths().values().stream()
                    .flatMap(path -> path.readOperations().stream())
                    .forEach(OpenApiDescription::complete);
        };
    }

    /** What springdoc reads from a controller's method, of an endpoint that has none. */
    private static Operation operation(PostEndpoint<?, ?> endpoint, Components components, ModelConverters models) {
        return new Operation()
                .tags(List.of(endpoint.tag()))
                .summary(endpoint.summary())
                .description(endpoint.description())
                .operationId(operationId(endpoint.path()))
                .requestBody(new RequestBody().required(true).content(json(endpoint.request(), components, models)))
                .responses(new ApiResponses()
                        .addApiResponse(
                                "200",
                                new ApiResponse()
                                        .description("OK")
                                        .content(json(endpoint.answer(), components, models))));
    }

    /** {@code /select/batch} is {@code selectBatch}. */
    private static String operationId(String path) {
        return StringUtils.uncapitalize(
                Arrays.stream(path.split("/")).map(StringUtils::capitalize).collect(Collectors.joining()));
    }

    private static Content json(Class<?> type, Components components, ModelConverters models) {
        ResolvedSchema resolved = models.resolveAsResolvedSchema(new AnnotatedType(type).resolveAsRef(true));
        resolved.referencedSchemas.forEach(components::addSchemas);
        return new Content().addMediaType(JSON, new MediaType().schema(resolved.schema));
    }

    /** swagger-core leaves the default of a double as the text that the annotation has. */
    @SuppressWarnings({"rawtypes", "unchecked"}) // swagger's own model has raw schemas
    private static void numberDefaults(Schema schema) {
        Map<String, Schema> properties = schema.getProperties();
        if (properties == null) {
            return;
        }
        for (Schema property : properties.values()) {
            boolean number = property.getTypes() != null && property.getTypes().contains("number");
            if (number && property.getDefault() instanceof String text) {
                property.setDefault(new BigDecimal(text));
            }
        }
    }

    private static void complete(Operation operation) {
        ApiResponses responses = operation.getResponses();
        responses.values().forEach(OpenApiDescription::asJson);
        responses.addApiResponse(
                "4XX", problem("The request is wrong; the answer says what, where, and what was expected"));
        responses.addApiResponse("503", problem("Not at the moment; Retry-After says when to try again"));
    }

    private static void asJson(ApiResponse response) {
        Content content = response.getContent();
        MediaType any = content == null ? null : content.remove("*/*");
        if (any != null) {
            content.addMediaType(JSON, any);
        }
    }

    private static ApiResponse problem(String description) {
        Schema<?> schema = new Schema<>().$ref("#/components/schemas/" + PROBLEM);
        return new ApiResponse()
                .description(description)
                .content(new Content().addMediaType("application/problem+json", new MediaType().schema(schema)));
    }
}
