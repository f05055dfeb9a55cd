package dev.bandit.service.totals;

import dev.bandit.core.inference.AdaptiveMean.Prediction;
import dev.bandit.core.inference.AdaptiveSampleRatio;
import dev.bandit.core.inference.EqualArmsEProcess;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.PolicyName;
import dev.bandit.service.ledger.Propensities;
import dev.bandit.service.totals.Event.Odds;
import dev.bandit.service.totals.ExperimentTotals.Shared;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds events to an experiment's totals, in the order of the ledger. A decision and its outcome say something about the arms' means once both
 * are there, whichever came first; where feedback is exposure a decision has failed at once, and a reward mends that.
 */
final class Fold {

    private final Feedback feedback;
    private final List<String> arms;
    private final Map<String, Integer> places = new HashMap<>();
    private final Map<String, ArmFold> byArm = new LinkedHashMap<>();
    private final Set<String> touched = new HashSet<>();

    private AdaptiveSampleRatio ratio;
    private EqualArmsEProcess evidence;
    private final Run run = new Run();

    /** What a run has added. */
    static final class Run {
        long decisions;
        long units;
        long rewards;
        long micros;
        long observations;
    }

    Fold(Feedback feedback, ExperimentTotals before) {
        Shared shared = before.shared();
        this.feedback = feedback;
        this.arms = new ArrayList<>(shared == null ? List.of() : shared.arms());
        arms.forEach(arm -> places.put(arm, places.size()));
        before.arms().forEach((arm, totals) -> byArm.put(arm, new ArmFold(prediction(), totals)));
        ratio = shared == null || arms.isEmpty()
                ? new AdaptiveSampleRatio(1)
                : new AdaptiveSampleRatio(arms.size(), shared.ratio());
        evidence = shared == null || arms.isEmpty()
                ? new EqualArmsEProcess(1)
                : new EqualArmsEProcess(arms.size(), shared.evidence());
    }

    private Prediction prediction() {
        return feedback == Feedback.EXPOSURE ? Prediction.NOTHING : Prediction.RUNNING_MEAN;
    }

    void add(Event event) {
        ArmFold arm = arm(event.armId);
        touched.add(event.armId);
        switch (event.kind) {
            case "decision" -> decided(event, arm);
            case "reward" -> {
                arm.rewards++;
                run.rewards++;
                long micros = Math.round(event.reward * 1e6);
                arm.micros += micros;
                run.micros += micros;
                settled(event, event.reward);
            }
            case "matured" -> {
                arm.matured++;
                settled(event, 0);
            }
            case "late" -> arm.late++;
            case "observation" -> {
                arm.observed(event.latencyMs, event.score);
                run.observations++;
            }
            default -> throw new IllegalStateException("event kind " + event.kind + " in bandit_events");
        }
    }

    private ArmFold arm(String armId) {
        return byArm.computeIfAbsent(armId, name -> new ArmFold(prediction()));
    }

    private void decided(Event event, ArmFold arm) {
        arm.decisions++;
        run.decisions++;
        if (event.newUnit) {
            arm.units++;
            run.units++;
        }
        double[] propensities = inOrder(event);
        if (propensities == null) {
            return;
        }
        int chosen = Objects.requireNonNull(places.get(event.armId));
        // A fixed split gives a unit the same arm again and again: that is one choice.
        boolean repeated = PolicyName.FIXED.label().equals(event.policy) && event.unitId != null && !event.newUnit;
        if (!repeated) {
            ratio.add(chosen, propensities);
        }
        if (feedback == Feedback.EXPOSURE) {
            score(event.armId, propensities, 0);
        }
        if (event.earlier != null) {
            settled(event, event.earlier.reward);
        }
    }

    /** A decision whose propensities are known has an outcome. */
    private void settled(Event event, double reward) {
        double[] propensities = inOrder(event);
        if (propensities == null) {
            return;
        }
        int chosen = Objects.requireNonNull(places.get(event.armId));
        if (!(propensities[chosen] > 0)) {
            return;
        }
        if (feedback == Feedback.EXPOSURE) {
            arm(event.armId).rewarded(propensities[chosen], reward);
        } else {
            score(event.armId, propensities, reward);
            evidence.add(chosen, reward, propensities);
        }
    }

    private void score(String chosen, double[] propensities, double reward) {
        for (int i = 0; i < propensities.length; i++) {
            String name = arms.get(i);
            if (!name.equals(chosen)) {
                arm(name).passedOver(propensities[i]);
                touched.add(name);
            } else if (propensities[i] > 0) {
                arm(name).chosen(propensities[i], reward);
            }
        }
    }

    /** By our order of arms, of sum 1; null when not known. */
    private double @Nullable [] inOrder(Event event) {
        Odds odds = event.odds;
        if (odds == null
                || odds.propensities().length != odds.arms().size()
                || !odds.arms().contains(event.armId)) {
            return null;
        }
        double[] given = odds.propensities();
        boolean grown = false;
        for (String name : odds.arms()) {
            if (places.putIfAbsent(name, places.size()) == null) {
                arms.add(name);
                grown = true;
            }
        }
        if (arms.size() > 2 * Propensities.MAX_ARMS) {
            return null;
        }
        if (grown) {
            ratio = new AdaptiveSampleRatio(arms.size(), ratio.state());
            evidence = new EqualArmsEProcess(arms.size(), evidence.state());
        }
        double sum = 0;
        for (double propensity : given) {
            sum += propensity;
        }
        double[] propensities = new double[arms.size()];
        for (int i = 0; i < given.length; i++) {
            propensities[Objects.requireNonNull(places.get(odds.arms().get(i)))] = given[i] / sum;
        }
        return propensities;
    }

    Run run() {
        return run;
    }

    Shared shared() {
        return new Shared(List.copyOf(arms), ratio.state(), evidence.state());
    }

    /** Of the arms that have changed. */
    Map<String, ArmTotals> changed() {
        Map<String, ArmTotals> totals = new LinkedHashMap<>();
        touched.forEach(arm -> totals.put(arm, arm(arm).totals()));
        return totals;
    }
}
