package dev.bandit.service.sink;

import java.util.List;
import org.springframework.context.SmartLifecycle;

/** All followers, from the start of the service to its end. */
final class Followers implements SmartLifecycle {

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
}
