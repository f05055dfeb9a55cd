package dev.bandit.service.stream;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code bandit.kafka.*} of what comes in; where Kafka is, and how to log in, is in {@code spring.kafka.*}.
 *
 * @param rewardsTopic of rewards, the JSON of {@code POST /reward}
 * @param eventsTopic of web events: exposures and successes
 * @param observationsTopic of observations, the JSON of {@code POST /observe}
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
        @DefaultValue("bandit.observations") String observationsTopic,
        @DefaultValue("bandit") String groupId,
        @DefaultValue("2") int consumers,
        @DefaultValue("true") boolean createTopics,
        @DefaultValue("5s") Duration measure) {

    StreamProperties {
        distinct("events-topic", eventsTopic, "rewards-topic", rewardsTopic);
        distinct("observations-topic", observationsTopic, "rewards-topic", rewardsTopic);
        distinct("observations-topic", observationsTopic, "events-topic", eventsTopic);
        if (consumers < 1 || consumers > 64) {
            throw new IllegalArgumentException("bandit.kafka.consumers is " + consumers + ", expected 1 to 64");
        }
        if (measure.toMillis() < 1_000 || measure.toHours() > 1) {
            throw new IllegalArgumentException("bandit.kafka.measure is " + measure + ", expected 1s to 1h");
        }
    }

    private static void distinct(String name, String topic, String otherName, String other) {
        if (topic.equals(other)) {
            throw new IllegalArgumentException(
                    "bandit.kafka." + name + " is " + topic + ", the " + otherName + " too, expected another");
        }
    }

    List<String> topics() {
        return List.of(rewardsTopic, eventsTopic, observationsTopic);
    }
}
