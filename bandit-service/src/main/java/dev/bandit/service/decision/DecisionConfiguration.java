package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DecisionProperties.class)
class DecisionConfiguration {

    private static final int SECRET_BYTES = 32;

    /** Signs with the configured secret, or with the one that all replicas find in Postgres. */
    @Bean
    DecisionIds decisionIds(DecisionProperties properties, JdbcClient postgres) {
        List<byte[]> previous = properties.previousSecret() == null
                ? List.of()
                : List.of(properties.previousSecret().getBytes(UTF_8));
        return new DecisionIds(
                properties.secret() == null
                        ? shared(postgres)
                        : properties.secret().getBytes(UTF_8),
                previous);
    }

    private static byte[] shared(JdbcClient postgres) {
        byte[] fresh = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(fresh);
        postgres.sql("insert into signing_secret (id, secret) values (1, ?) on conflict do nothing")
                .param(fresh)
                .update();
        return postgres.sql("select secret from signing_secret")
                .query(byte[].class)
                .single();
    }

    @Bean
    Journal journal(DecisionProperties properties, @Value("${bandit.data-dir:.bandit}") Path dataDirectory)
            throws IOException {
        return Journal.open(
                dataDirectory.resolve("journal"), properties.journalMaxSize().toBytes());
    }
}
