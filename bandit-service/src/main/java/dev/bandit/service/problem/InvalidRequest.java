package dev.bandit.service.problem;

/** 400: a field of the request, or one of its headers or parameters, is not what was expected. */
public class InvalidRequest extends Problem {

    private static final long serialVersionUID = 1L;

    /**
     * @param field JSON path of the field, or the name of the header or parameter
     * @param detail what it was and what was expected
     */
    public InvalidRequest(String field, String detail) {
        super(400, "Invalid request", detail, field);
    }
}
