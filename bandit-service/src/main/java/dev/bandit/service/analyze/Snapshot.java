package dev.bandit.service.analyze;

import dev.bandit.core.posterior.BetaPosterior;
import java.time.Instant;

/**
 * One variant at one moment.
 *
 * @param successesTotal a graded reward is part of one
 */
record Snapshot(
        String testId,
        String variant,
        Instant timestamp,
        BetaPosterior posterior,
        long exposuresTotal,
        double successesTotal) {}
