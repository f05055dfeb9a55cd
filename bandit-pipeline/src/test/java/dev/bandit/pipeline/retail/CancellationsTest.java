package dev.bandit.pipeline.retail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CancellationsTest {

    private final List<Long> cancelled = new ArrayList<>();
    private final Cancellations cancellations = new Cancellations(cancelled::add);

    @Test
    void the_latest_purchase_goes_first() {
        cancellations.buys(1, 6);
        cancellations.buys(2, 6);
        cancellations.returns(6);
        assertThat(cancelled).containsExactly(2L);
    }

    @Test
    void a_part_leaves_the_line_and_parts_add_up() {
        cancellations.buys(1, 6);
        cancellations.returns(5);
        assertThat(cancelled).isEmpty();
        cancellations.returns(1);
        assertThat(cancelled).containsExactly(1L);
    }

    @Test
    void more_than_one_line_can_be_taken_back_at_once() {
        cancellations.buys(1, 2);
        cancellations.buys(2, 3);
        cancellations.returns(4);
        assertThat(cancelled).containsExactly(2L);
        cancellations.returns(9);
        assertThat(cancelled).containsExactly(2L, 1L);
    }

    @Test
    void what_was_bought_before_the_record_takes_nothing_from_what_follows() {
        cancellations.returns(10);
        cancellations.buys(1, 4);
        assertThat(cancelled).isEmpty();
    }

    @Test
    void another_product_is_another_matter() {
        cancellations.buys(1, 4);
        cancellations.begin();
        cancellations.returns(4);
        assertThat(cancelled).isEmpty();
    }
}
