package dev.bandit.service.stream;

import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.posterior.PosteriorProperties;
import dev.bandit.service.reward.RewardRecorder;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Off until somebody says where Kafka is. Settings of the clients ({@code spring.kafka.*}) win over ours, but for what we depend on. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("spring.kafka.bootstrap-servers")
@EnableConfigurationProperties({StreamProperties.class, KafkaProperties.class})
class StreamConfiguration {

    private static final int MAX_POLL_RECORDS = 2_000;
    private static final int SESSION_MILLIS = 10_000;
    private static final int ADMIN_MILLIS = 5_000;

    private final KafkaProperties kafka;
    private final StreamProperties properties;

    StreamConfiguration(KafkaProperties kafka, StreamProperties properties) {
        this.kafka = kafka;
        this.properties = properties;
    }

    private ConsumerFactory<byte[], byte[]> consumers() {
        Map<String, Object> settings = kafka.buildConsumerProperties();
        settings.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
        settings.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MILLIS);
        settings.putIfAbsent(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, List.of(CooperativeStickyAssignor.class));
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return new DefaultKafkaConsumerFactory<>(settings);
    }

    private Map<String, Object> admin() {
        Map<String, Object> settings = kafka.buildAdminProperties();
        settings.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ADMIN_MILLIS);
        settings.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ADMIN_MILLIS);
        return settings;
    }

    @Bean
    DeadLetters deadLetters() {
        Map<String, Object> settings = kafka.buildProducerProperties();
        settings.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, ADMIN_MILLIS);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        return new DeadLetters(new DefaultKafkaProducerFactory<>(settings), consumers(), properties.groupId());
    }

    @Bean
    Streams streams(
            RewardRecorder recorder,
            DecisionIds ids,
            ExperimentRegistry experiments,
            PosteriorProperties posterior,
            JsonMapper json,
            DeadLetters deadLetters,
            MeterRegistry metrics) {
        Map<String, RecordReader> readers = new LinkedHashMap<>();
        readers.put(properties.rewardsTopic(), new RewardRecords(json, ids));
        readers.put(
                properties.eventsTopic(), new EventRecords(json, experiments, posterior.remember(), Clock.systemUTC()));
        readers.put(properties.observationsTopic(), new ObservationRecords(json, ids));
        Map<String, TopicListener> listeners = new LinkedHashMap<>();
        readers.forEach((topic, reader) -> listeners.put(
                topic,
                new TopicListener(topic, reader, recorder::recordAll, deadLetters, new StreamMetrics(metrics, topic))));
        return new Streams(properties, admin(), consumers(), listeners);
    }

    @Bean
    StreamLag streamLag(MeterRegistry metrics) {
        return new StreamLag(admin(), properties.groupId(), properties.topics(), metrics);
    }
}
