package dev.bandit.service.embedded;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The step of every polling loop here: servers start in tens of milliseconds, so a look every ten costs nothing. */
final class Pause {

    private Pause() {}

    static void briefly() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
}
