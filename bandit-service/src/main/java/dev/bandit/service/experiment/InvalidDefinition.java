package dev.bandit.service.experiment;

import dev.bandit.service.problem.Problem;

/** 400: a definition that cannot stand. The field is a JSON path such as {@code variants[3].allocation}. */
public final class InvalidDefinition extends Problem {

    private static final long serialVersionUID = 1L;

    private final String path;
    private final String message;

    /**
     * @param field JSON path of the offending field
     * @param message what it is and what was expected, without the field's name: {@code is 1.2, expected 0 to 1}
     */
    public InvalidDefinition(String field, String message) {
        super(400, "Invalid definition", field + " " + message, field);
        this.path = field;
        this.message = message;
    }

    /** What it is and what was expected, without the field's name. */
    public String reason() {
        return message;
    }

    /** The same, for a definition that stands inside something else: {@code inside("tests[0]")} names {@code tests[0].prior.alpha}. */
    public InvalidDefinition inside(String parent) {
        return new InvalidDefinition(parent + "." + path, message);
    }
}
