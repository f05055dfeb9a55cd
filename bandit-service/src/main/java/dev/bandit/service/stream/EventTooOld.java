package dev.bandit.service.stream;

import dev.bandit.service.problem.Problem;

/** 410: an event from before what is remembered. */
final class EventTooOld extends Problem {

    private static final long serialVersionUID = 1L;

    EventTooOld(String timestamp, String remember) {
        super(
                410,
                "Event too old",
                "The event is of " + timestamp + ", and events are taken for " + remember + ".",
                "timestamp");
    }
}
