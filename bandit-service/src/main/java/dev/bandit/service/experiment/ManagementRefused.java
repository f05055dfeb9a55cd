package dev.bandit.service.experiment;

import dev.bandit.service.problem.Problem;
import java.util.Map;
import java.util.stream.Collectors;

/** 409: experiments that cannot follow what there is under their names; nothing was changed. */
public final class ManagementRefused extends Problem {

    private static final long serialVersionUID = 1L;

    private final transient Map<String, ExperimentConflict> conflicts;

    ManagementRefused(Map<String, ExperimentConflict> conflicts) {
        super(409, "Conflict", conflicts.values().stream().map(Problem::detail).collect(Collectors.joining("; ")));
        this.conflicts = Map.copyOf(conflicts);
    }

    /** What is wrong, by experiment. */
    public Map<String, ExperimentConflict> conflicts() {
        return conflicts;
    }
}
