package dev.bandit.service.experiment;

import dev.bandit.service.experiment.Definition.DecisionAck;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Definition.PolicyName;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Definition.RewardAck;
import dev.bandit.service.experiment.Definition.Stop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Builds a {@link Definition}, starting from every default or from another definition. */
public final class DefinitionBuilder {

    private PolicyName policy = PolicyName.THOMPSON;
    private double epsilon = 0.1;
    private Prior prior = Prior.UNIFORM;
    private Feedback feedback = Feedback.EXPLICIT;
    private @Nullable Duration window;
    private @Nullable String exposureEvent;
    private @Nullable String successEvent;
    private Variants variants;
    private double minAllocation;
    private @Nullable Duration stickyTtl;
    private RewardAck rewardAck = RewardAck.STORE;
    private DecisionAck decisionAck = DecisionAck.JOURNAL;
    private Guardrails guardrails = Guardrails.DEFAULT;
    private Stop stop = Stop.DEFAULT;

    DefinitionBuilder(Variants variants) {
        this.variants = variants;
    }

    DefinitionBuilder(Definition from) {
        this.policy = from.policy();
        this.epsilon = from.epsilon();
        this.prior = from.prior();
        this.feedback = from.feedback();
        this.window = from.window();
        this.exposureEvent = from.exposureEvent();
        this.successEvent = from.successEvent();
        this.variants = from.variants();
        this.minAllocation = from.minAllocation();
        this.stickyTtl = from.stickyTtl();
        this.rewardAck = from.rewardAck();
        this.decisionAck = from.decisionAck();
        this.guardrails = from.guardrails();
        this.stop = from.stop();
    }

    public DefinitionBuilder policy(PolicyName value) {
        this.policy = value;
        return this;
    }

    public DefinitionBuilder epsilon(double value) {
        this.epsilon = value;
        return this;
    }

    public DefinitionBuilder prior(Prior value) {
        this.prior = value;
        return this;
    }

    public DefinitionBuilder feedback(Feedback value) {
        this.feedback = value;
        return this;
    }

    public DefinitionBuilder window(@Nullable Duration value) {
        this.window = value;
        return this;
    }

    public DefinitionBuilder exposureEvent(@Nullable String value) {
        this.exposureEvent = value;
        return this;
    }

    public DefinitionBuilder successEvent(@Nullable String value) {
        this.successEvent = value;
        return this;
    }

    public DefinitionBuilder variants(Variants value) {
        this.variants = value;
        return this;
    }

    public DefinitionBuilder minAllocation(double value) {
        this.minAllocation = value;
        return this;
    }

    public DefinitionBuilder stickyTtl(@Nullable Duration value) {
        this.stickyTtl = value;
        return this;
    }

    public DefinitionBuilder rewardAck(RewardAck value) {
        this.rewardAck = value;
        return this;
    }

    public DefinitionBuilder decisionAck(DecisionAck value) {
        this.decisionAck = value;
        return this;
    }

    public DefinitionBuilder guardrails(Guardrails value) {
        this.guardrails = value;
        return this;
    }

    public DefinitionBuilder stop(Stop value) {
        this.stop = value;
        return this;
    }

    /** @throws InvalidDefinition if the parts do not fit together */
    public Definition build() {
        return new Definition(
                policy,
                epsilon,
                prior,
                feedback,
                window,
                exposureEvent,
                successEvent,
                variants,
                minAllocation,
                stickyTtl,
                rewardAck,
                decisionAck,
                guardrails,
                stop);
    }
}
