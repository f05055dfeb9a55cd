package dev.bandit.service.file;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where experiments come from besides the admin API.
 *
 * @param config path of {@code experiments.yaml}; none unless set
 */
@ConfigurationProperties("bandit")
record FileProperties(@Nullable String config) {}
