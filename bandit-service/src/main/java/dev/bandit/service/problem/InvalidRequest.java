package dev.bandit.service.problem;

/** 400: a field of the request, or one of its headers or parameters, is not what was expected. */
public class InvalidRequest extends Problem {

    private static final long serialVersionUID = 1L;

    private final String path;
    private final String message;

    /**
     * @param field JSON path of the field, or the name of the header or parameter
     * @param message what it is and what was expected, without the field's name: {@code is 1.2, expected 0 to 1}
     */
    public InvalidRequest(String field, String message) {
        super(400, "Invalid request", field + " " + message, field);
        this.path = field;
        this.message = message;
    }

    /** The same, for a field that stands inside something else: {@code inside("requests[3]")} names {@code requests[3].unit_id}. */
    public InvalidRequest inside(String parent) {
        return new InvalidRequest(parent + "." + path, message);
    }
}
