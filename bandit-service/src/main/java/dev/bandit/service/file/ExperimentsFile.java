package dev.bandit.service.file;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Label;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What {@code experiments.yaml} says, with every default filled in; made by {@link ExperimentsFileReader}.
 *
 * @param sinks where snapshots go, at least one
 * @param snapshotInterval how far apart snapshots are, whole seconds
 * @param csv where the sink csv writes
 * @param kafka brokers and topics
 * @param dynamodb where the sink dynamodb writes
 * @param tests the experiments by id, in the order of the file
 * @param settings the parts before the tests as Spring properties; only what the file names, so that defaults stay where they are
 */
public record ExperimentsFile(
        Set<Sink> sinks,
        Duration snapshotInterval,
        Csv csv,
        Kafka kafka,
        Dynamodb dynamodb,
        SequencedMap<String, Definition> tests,
        SequencedMap<String, String> settings) {

    public ExperimentsFile {
        sinks = Collections.unmodifiableSet(sinks);
        tests = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tests));
        settings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings));
    }

    /** Where snapshots can go. */
    public enum Sink implements Label {
        POSTGRES,
        CONSOLE,
        CSV,
        DYNAMODB,
        KAFKA
    }

    /** @param folder where the files are written; relative to where the service was started */
    public record Csv(String folder) {}

    /**
     * @param brokers host:port, several with commas; null: the file names none
     * @param eventsTopic where exposures and successes come from
     * @param rewardsTopic where rewards come from
     * @param posteriorsTopic where snapshots go
     * @param metricsTopic where metrics go
     */
    public record Kafka(
            @Nullable String brokers,
            String eventsTopic,
            String rewardsTopic,
            String posteriorsTopic,
            String metricsTopic) {}

    /** @param endpoint of a server that is not Amazon's, null for Amazon's */
    public record Dynamodb(
            String table, String region, @Nullable URI endpoint) {}

    /** The settings that differ in another file by name, such as {@code bandit.sinks}. */
    public Set<String> settingsThatDiffer(ExperimentsFile other) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.putAll(other.settings);
        all.keySet().removeIf(name -> {
            String here = settings.get(name);
            return here != null && here.equals(other.settings.get(name));
        });
        return all.keySet();
    }
}
