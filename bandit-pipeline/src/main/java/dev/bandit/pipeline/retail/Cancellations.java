package dev.bandit.pipeline.retail;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongConsumer;

/**
 * Which purchases were taken back. A cancellation does not name the invoice that it is about: what a customer takes back of a product
 * comes off the latest purchases of it before, and a line of which nothing is left is cancelled. What is over was bought before the
 * record begins.
 */
final class Cancellations {

    private record Bought(long line, int left) {}

    private final LongConsumer cancelled;
    private final Deque<Bought> bought = new ArrayDeque<>();

    /** @param cancelled is told each line that is */
    Cancellations(LongConsumer cancelled) {
        this.cancelled = cancelled;
    }

    /** From here on it is about another product, or customer. */
    void begin() {
        bought.clear();
    }

    /** @param pieces above 0 */
    void buys(long line, int pieces) {
        bought.push(new Bought(line, pieces));
    }

    /** @param pieces above 0 */
    void returns(int pieces) {
        int back = pieces;
        while (back > 0 && !bought.isEmpty()) {
            Bought last = bought.pop();
            if (last.left() > back) {
                bought.push(new Bought(last.line(), last.left() - back));
            } else {
                cancelled.accept(last.line());
            }
            back -= Math.min(back, last.left());
        }
    }
}
