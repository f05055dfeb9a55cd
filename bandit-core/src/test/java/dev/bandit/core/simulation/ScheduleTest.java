package dev.bandit.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void steps_grow_and_end_at_every_look() {
        Schedule schedule = Schedule.of(100_000, 7_000, 0, 0);
        long start = 0;
        int looks = 0;
        for (int step = 0; step < schedule.steps(); step++) {
            long end = schedule.end(step);
            assertThat(end - start).isBetween(1L, Math.max(1, (long) (start * Schedule.GROWTH)));
            assertThat(schedule.isLook(step)).isEqualTo(end % 7_000 == 0 || end == 100_000);
            looks += schedule.isLook(step) ? 1 : 0;
            start = end;
        }
        assertThat(start).isEqualTo(100_000);
        assertThat(looks).isEqualTo(15);
    }

    @Test
    void a_run_of_thousands_of_millions_has_few_steps() {
        assertThat(Schedule.of(3_000_000_000L, 3_000_000_000L, 0, 0).steps()).isLessThan(1_100);
    }

    @Test
    void with_a_refresh_nothing_happens_in_between() {
        Schedule schedule = Schedule.of(1_000, 30, 100, 0);
        assertThat(IntStream.range(0, schedule.steps()).mapToLong(schedule::end))
                .containsExactly(100L, 200L, 300L, 400L, 500L, 600L, 700L, 800L, 900L, 1_000L);
        assertThat(IntStream.range(0, schedule.steps()).allMatch(schedule::isLook))
                .isTrue();
    }

    @Test
    void a_refresh_that_is_small_against_what_went_before_is_taken_together() {
        Schedule schedule = Schedule.of(1_000_000, 250_000, 50, 0);
        assertThat(schedule.steps()).isLessThan(600);
        for (int step = 1; step < schedule.steps(); step++) {
            assertThat(schedule.end(step) % 50).isZero();
        }
    }

    @Test
    void looked_at_once_means_when_the_last_reward_of_the_sample_is_known() {
        Schedule once = Schedule.once(500, 1_000, 200);
        assertThat(once.end(1)).isEqualTo(700);
        assertThat(once.isLook(0)).isFalse();
        assertThat(once.isLook(1)).isTrue();
        Schedule never = Schedule.once(900, 1_000, 200);
        assertThat(never.steps()).isEqualTo(1);
        assertThat(never.end(0)).isEqualTo(1_000);
        assertThat(never.isLook(0)).isFalse();
    }
}
