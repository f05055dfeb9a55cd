package dev.bandit.service.traffic;

/**
 * When the n-th of a run is due: n / rate after its start, however long those before took. Late ones come at once, so that the
 * rate over the run is the one asked for whenever it can be.
 */
final class Schedule {

    /** Waking up for less costs more than it is worth; nothing is later than this. */
    private static final long SHORTEST_WAIT_NANOS = 500_000;

    /** Time that passes, and a way to let it. */
    interface Time {
        long nanos();

        void sleep(long nanos) throws InterruptedException;

        Time SYSTEM = new Time() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
            }
        };
    }

    private final Time time;
    private final double perSecond;
    private final long start;

    /** @param perSecond 0 for as fast as it goes */
    Schedule(double perSecond, Time time) {
        this.perSecond = perSecond;
        this.time = time;
        this.start = time.nanos();
    }

    /** Returns when the n-th is due, counted from 0. */
    void await(long n) throws InterruptedException {
        if (perSecond <= 0) {
            return;
        }
        long due = (long) (n * (1e9 / perSecond));
        for (long wait = due - elapsedNanos(); wait > 0; wait = due - elapsedNanos()) {
            time.sleep(Math.max(wait, SHORTEST_WAIT_NANOS));
        }
    }

    void sleep(long nanos) throws InterruptedException {
        time.sleep(nanos);
    }

    long elapsedNanos() {
        return time.nanos() - start;
    }

    double elapsedSeconds() {
        return elapsedNanos() / 1e9;
    }
}
