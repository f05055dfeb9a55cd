package dev.bandit.service.traffic;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.file.ExperimentsFile;
import dev.bandit.service.file.ExperimentsFileReader;
import dev.bandit.service.file.InvalidFile;
import java.nio.file.Path;

/** What traffic needs of experiments.yaml. */
final class ScenarioFile {

    private ScenarioFile() {}

    static Scenario read(Path path) {
        ExperimentsFile file;
        try {
            file = ExperimentsFileReader.read(path);
        } catch (InvalidFile e) {
            throw new TrafficFailed(e.getMessage(), e);
        }
        if (file.tests().isEmpty()) {
            throw new TrafficFailed("%s: has no tests, expected at least one".formatted(path));
        }
        return new Scenario(
                file.kafka().brokers(),
                file.kafka().eventsTopic(),
                file.tests().entrySet().stream()
                        .map(test -> test(test.getKey(), test.getValue()))
                        .toList());
    }

    private static Scenario.Test test(String id, Definition definition) {
        var exposure = definition.exposureEvent();
        var success = definition.successEvent();
        return new Scenario.Test(
                id,
                exposure == null ? "ButtonDisplayed" : exposure,
                success == null ? "ButtonClicked" : success,
                definition.variants().stream()
                        .map(variant -> new Scenario.Variant(variant.name(), variant.allocation()))
                        .toList());
    }
}
