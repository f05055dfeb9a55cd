package dev.bandit.service.sink;

import java.util.List;
import org.springframework.context.SmartLifecycle;

/** All followers, from the start of the service to its end. */
final class Followers implements SmartLifecycle {

    /** Ended after everything that takes snapshots. */
    private static final int PHASE = 200;

    private final List<Follower> followers;
    private volatile boolean running;

    Followers(List<Follower> followers) {
        this.followers = followers;
    }

    @Override
    public void start() {
        running = true;
        followers.forEach(Follower::start);
    }

    @Override
    public void stop() {
        running = false;
        followers.parallelStream().forEach(Follower::stop);
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
