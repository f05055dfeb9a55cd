package dev.bandit.service.experiment;

import dev.bandit.service.experiment.Experiment.Status;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version that an experiment had.
 *
 * @param version its number
 * @param status at that version
 * @param winner at that version, null unless concluded
 * @param definition at that version
 * @param actor who made it
 * @param at when
 */
public record ExperimentVersion(
        int version, Status status, @Nullable String winner, Definition definition, String actor, Instant at) {}
