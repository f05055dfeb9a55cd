package dev.bandit.service;

import dev.bandit.service.cli.BanditCommand;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The service, and the way into every command. */
@SpringBootApplication
public class BanditApplication {

    public static void main(String[] args) {
        int status = BanditCommand.execute(BanditApplication.class, args);
        // A service that has started goes on after this method.
        if (status != 0) {
            System.exit(status);
        }
    }
}
