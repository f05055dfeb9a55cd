package dev.bandit.service.experiment;

import java.util.Map;

/** What a conclusion is decided by, for the audit log: so that the decision can be taken again later. */
@FunctionalInterface
public interface Grounds {

    /** The numbers as they stand, as JSON can have them. */
    Map<String, Object> of(Experiment experiment);
}
