package dev.bandit.service.endpoint;

import jakarta.servlet.http.HttpServletResponse;

/**
 * An endpoint that is asked so often that Spring MVC would cost more than the answer: a bean of this type is served by a plain servlet.
 * Requests and answers are JSON; what the handler throws is answered as a controller's exceptions are.
 *
 * @param path all of it; it has no variables
 * @param tag under which the API's description lists it
 */
public record PostEndpoint<Q, A>(
        String path,
        Class<Q> request,
        Class<A> answer,
        String tag,
        String summary,
        String description,
        Handler<Q, A> handler) {

    /** Answers requests, many at a time, each on a virtual thread of its own. */
    @FunctionalInterface
    public interface Handler<Q, A> {

        /** @param response for headers; its status, body and length are not the handler's */
        A answer(Q request, HttpServletResponse response);
    }
}
