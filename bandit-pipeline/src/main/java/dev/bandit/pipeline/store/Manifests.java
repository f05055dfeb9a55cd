package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What says which files of a folder count, as JSON; written last. The same record gives the same bytes. */
public final class Manifests {

    /** Of the file. */
    public static final String NAME = "manifest.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private Manifests() {}

    /**
     * What stands under a key, if anything does.
     *
     * @throws CommandFailed if it is something else
     */
    public static <T> Optional<T> read(Store store, String key, Class<T> type) {
        return store.read(key).map(json -> {
            try {
                return JSON.readValue(json, type);
            } catch (JacksonException e) {
                throw new CommandFailed(
                        "%s in %s is no manifest that this version can read: %s"
                                .formatted(key, store, e.getOriginalMessage()),
                        e);
            }
        });
    }

    /** Puts it in place. */
    public static void write(Store store, String key, Object manifest) {
        store.put(key, JSON.writeValueAsBytes(manifest));
    }
}
