package dev.bandit.service.stream;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code bandit.kafka.*} of what comes in; where Kafka is, and how to log in, is in {@code spring.kafka.*}.
 *
 * @param rewardsTopic of rewards, the JSON of {@code POST /reward}
 * @param eventsTopic of web events: exposures and successes
 * @param groupId of all replicas of one service
 * @param consumers threads a topic and replica, 1 to 64
 * @param createTopics whether topics that are missing are made, with as many partitions as the broker gives; those of dead letters with as
 *     many as their topic has
 * @param measure how often the lag is measured, 1s to 1h
 */
@ConfigurationProperties("bandit.kafka")
record StreamProperties(
        @DefaultValue("bandit.rewards") String rewardsTopic,
        @DefaultValue("web-events") String eventsTopic,
        @DefaultValue("bandit") String groupId,
        @DefaultValue("2") int consumers,
        @DefaultValue("true") boolean createTopics,
        @DefaultValue("5s") Duration measure) {

    StreamProperties {
        if (rewardsTopic.equals(eventsTopic)) {
            throw new IllegalArgumentException(
                    "bandit.kafka.events-topic is " + eventsTopic + ", the rewards-topic too, expected another");
        }
        if (consumers < 1 || consumers > 64) {
            throw new IllegalArgumentException("bandit.kafka.consumers is " + consumers + ", expected 1 to 64");
        }
        if (measure.toMillis() < 1_000 || measure.toHours() > 1) {
            throw new IllegalArgumentException("bandit.kafka.measure is " + measure + ", expected 1s to 1h");
        }
    }
}
