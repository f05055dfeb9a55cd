package dev.bandit.service.decision;

import dev.bandit.core.assignment.Assignment;
import dev.bandit.core.policy.ArmDistribution;
import dev.bandit.service.decision.DecisionStream.Ack;
import dev.bandit.service.decision.DecisionStream.Numbered;
import dev.bandit.service.decision.Serving.Odds;
import dev.bandit.service.decision.StickyUnits.Kept;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.DecisionAck;
import dev.bandit.service.experiment.Definition.PolicyName;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.experiment.Variants;
import dev.bandit.service.ledger.LedgerEvent.Choice;
import dev.bandit.service.ledger.Propensities;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.store.StoreUnavailable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Chooses an arm and puts the decision on record. Everything that asks for an arm calls this. */
@Component
public class Selector {

    private static final String CONCLUDED = "concluded";

    private final ExperimentRegistry experiments;
    private final ServingCopies copies;
    private final StickyUnits sticky;
    private final DecisionDelivery delivery;
    private final DecisionIds ids;
    private final Counter made;
    private final Counter degraded;

    Selector(
            ExperimentRegistry experiments,
            ServingCopies copies,
            StickyUnits sticky,
            DecisionDelivery delivery,
            DecisionIds ids,
            MeterRegistry metrics) {
        this.experiments = experiments;
        this.copies = copies;
        this.sticky = sticky;
        this.delivery = delivery;
        this.ids = ids;
        made = Counter.builder("bandit.decisions").description("Decisions made").register(metrics);
        degraded = Counter.builder("bandit.decisions.degraded")
                .description(
                        "Decisions made from the last copy known or kept in the local journal, since Redis was away")
                .register(metrics);
    }

    /** What was chosen, before it is on record. */
    private record Chosen(
            Experiment from,
            String arm,
            double propensity,
            String policy,
            long posteriorVersion,
            boolean fresh,
            @Nullable Propensities propensities) {}

    /**
     * Chooses an arm.
     *
     * @param experimentId which experiment
     * @param unitId whom it is for; null: nobody in particular, and nothing is sticky
     * @param eligibleArms the arms that may be chosen; null: all
     * @return completes when the decision is as durable as the experiment asks for
     * @throws dev.bandit.service.experiment.UnknownExperiment if there is no such experiment
     * @throws InvalidRequest if an eligible arm is not one of its arms
     * @throws StoreUnavailable if the posteriors are not known and Redis does not answer
     */
    public CompletableFuture<Decision> select(
            String experimentId, @Nullable String unitId, @Nullable List<String> eligibleArms) {
        Experiment experiment = experiments.get(experimentId);
        if (experiment.status() == Status.PAUSED) {
            throw SelectProblem.paused(experimentId);
        }
        if (experiment.status() == Status.ARCHIVED) {
            throw SelectProblem.archived(experimentId);
        }
        Chosen chosen = choose(experiment, unitId, eligibleArms);
        long now = System.currentTimeMillis();
        DecisionStream stream = delivery.stream(experimentId);
        Numbered numbered = stream.add(
                chosen.from,
                chosen.arm,
                unitId,
                now,
                new Choice(
                        chosen.propensity,
                        chosen.policy,
                        chosen.posteriorVersion,
                        chosen.from.version(),
                        chosen.propensities));
        String token = ids.encode(new DecisionId(
                numbered.eventId().getMostSignificantBits(),
                numbered.eventId().getLeastSignificantBits(),
                experimentId,
                chosen.arm,
                Instant.ofEpochMilli(now),
                chosen.propensity,
                chosen.posteriorVersion));
        made.increment();
        boolean store = experiment.definition().decisionAck() == DecisionAck.STORE;
        return numbered.durable()
                .thenApply(
                        ack -> decision(token, experimentId, chosen, stream.impaired() || store && ack == Ack.JOURNAL));
    }

    private Decision decision(String token, String experimentId, Chosen chosen, boolean journaled) {
        boolean impaired = journaled || !chosen.fresh;
        if (impaired) {
            degraded.increment();
        }
        return new Decision(
                token, experimentId, chosen.arm, chosen.propensity, chosen.policy, chosen.posteriorVersion, impaired);
    }

    private Chosen choose(Experiment asked, @Nullable String unitId, @Nullable List<String> eligibleArms) {
        int[] eligible = eligibleArms == null ? null : indices(asked, eligibleArms);
        String winner = asked.winner();
        if (winner != null && (eligibleArms == null || eligibleArms.contains(winner))) {
            return new Chosen(asked, winner, 1, CONCLUDED, 0, true, null);
        }
        ServingCopies.Current current = copies.current(asked);
        Serving serving = current.serving();
        // While Redis is away the copy may be of an older definition; what follows is all of that one.
        Experiment experiment = serving.experiment();
        Definition definition = experiment.definition();
        if (eligibleArms != null && experiment.version() != asked.version()) {
            eligible = known(experiment, eligibleArms);
        }
        Odds odds = eligible == null ? serving.all() : serving.among(active(experiment, eligible));
        ArmDistribution distribution = odds.distribution();
        // A choice among fewer arms is a fresh one: an arm kept from a choice among all would not have the probability
        // that is told.
        boolean fixed = definition.policy() == PolicyName.FIXED;
        boolean sticks = eligible == null && definition.stickyTtl() != null && !fixed;
        double u = unitId != null && (sticks || fixed)
                ? Assignment.uniform(experiment.id(), unitId)
                : ThreadLocalRandom.current().nextDouble();
        int drawn = distribution.draw(u);
        Chosen chosen = new Chosen(
                experiment,
                definition.variants().get(odds.arms()[drawn]).name(),
                distribution.probability(drawn),
                definition.policy().label(),
                serving.posteriors().version(),
                current.fresh(),
                odds.propensities());
        return unitId != null && sticks ? kept(unitId, chosen) : chosen;
    }

    /** The arm the unit has, with the propensity and version it was first chosen with; or the offer, which it now has. */
    private Chosen kept(String unitId, Chosen offer) {
        Kept kept = sticky.keep(
                offer.from, unitId, new Kept(offer.arm, offer.propensity, offer.posteriorVersion, offer.fresh, true));
        OptionalInt arm = offer.from.armIndex(kept.arm());
        if (arm.isEmpty()
                || offer.from.definition().variants().get(arm.getAsInt()).paused()) {
            return offer;
        }
        return new Chosen(
                offer.from,
                kept.arm(),
                kept.propensity(),
                offer.policy,
                kept.posteriorVersion(),
                offer.fresh && kept.fresh(),
                kept.isNew() ? offer.propensities : null);
    }

    private static int[] active(Experiment experiment, int[] eligible) {
        Variants variants = experiment.definition().variants();
        int[] active = Arrays.stream(eligible)
                .filter(arm -> !variants.get(arm).paused())
                .toArray();
        if (active.length == 0) {
            throw SelectProblem.armsPaused(experiment.id());
        }
        return active;
    }

    /** In a copy older than the definition: an arm it lacks cannot be chosen yet. */
    private static int[] known(Experiment experiment, List<String> arms) {
        try {
            return indices(experiment, arms);
        } catch (InvalidRequest e) {
            throw new StoreUnavailable("Redis is away, and an eligible arm is newer than the copy at hand.", e);
        }
    }

    private static int[] indices(Experiment experiment, List<String> arms) {
        int[] indices = new int[arms.size()];
        for (int i = 0; i < indices.length; i++) {
            String arm = arms.get(i);
            String field = "eligible_arms[" + i + "]";
            indices[i] = experiment
                    .armIndex(arm)
                    .orElseThrow(() -> new InvalidRequest(
                            field, "is '" + arm + "', expected an arm of '" + experiment.id() + "'"));
        }
        Arrays.sort(indices);
        for (int i = 1; i < indices.length; i++) {
            if (indices[i] == indices[i - 1]) {
                throw new InvalidRequest("eligible_arms", "names an arm twice, expected each once");
            }
        }
        return indices;
    }
}
