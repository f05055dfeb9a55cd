package dev.bandit.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeashTest {

    @TempDir
    Path folder;

    @Test
    void the_server_has_a_session_of_its_own() throws IOException {
        var leash = Leash.start("sleeper", "KILL", folder, List.of("sleep", "1000"));

        assertThat(session(leash.pid()))
                .isNotEqualTo(session(ProcessHandle.current().pid()));

        leash.stop();
        assertThat(leash.isAlive()).isFalse();
    }

    @Test
    void a_server_that_ends_by_itself_ends_its_leash() {
        var leash = Leash.start("brief", "TERM", folder, List.of("/bin/sh", "-c", "echo goodbye"));

        await().atMost(Duration.ofSeconds(5)).until(() -> !leash.isAlive());
        assertThat(leash.lastWords()).isEqualTo("goodbye");
    }

    @Test
    void a_server_of_an_earlier_run_is_waited_for() {
        var first = Leash.start("sleeper", "KILL", folder, List.of("sleep", "1000"));
        var end = Thread.ofVirtual().start(() -> {
            await().pollDelay(Duration.ofMillis(200)).until(() -> true);
            first.kill();
        });

        var second = Leash.start("sleeper", "KILL", folder, List.of("sleep", "1000"));

        assertThat(first.isAlive()).isFalse();
        second.stop();
        assertThat(end.isAlive()).isFalse();
    }

    @Test
    void a_process_that_got_the_number_of_an_earlier_server_is_not_waited_for() throws IOException {
        Files.writeString(folder.resolve("leash"), ProcessHandle.current().pid() + " 86400000\n");

        var leash = Leash.start("sleeper", "KILL", folder, List.of("sleep", "1000"));

        assertThat(leash.isAlive()).isTrue();
        leash.stop();
    }

    private static String session(long pid) throws IOException {
        // Field 6 of /proc/<pid>/stat, counted after the name in parentheses.
        var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[3];
    }
}
