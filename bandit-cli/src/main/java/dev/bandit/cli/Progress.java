package dev.bandit.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** A bar that moves at a terminal; elsewhere a line now and then. */
public final class Progress {

    private static final int WIDTH = 30;

    private final PrintWriter out;
    private final boolean terminal;
    private double shownAt;

    public Progress(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * @param part of the whole that is done, in [0, 1]; NaN if nobody knows
     * @param seconds since the start
     */
    public void show(double part, long done, double seconds) {
        show(
                part,
                String.format(Locale.ROOT, "%,d in %.0f s (%,.0f/s)", done, seconds, done / Math.max(seconds, 1e-9)),
                seconds);
    }

    /**
     * @param part of the whole that is done, in [0, 1]; NaN if nobody knows
     * @param what is being done
     * @param seconds since the start
     */
    public synchronized void show(double part, String what, double seconds) {
        if (seconds - shownAt < (terminal ? 0.1 : 10)) {
            return;
        }
        shownAt = seconds;
        var percent = Double.isNaN(part) ? "" : String.format(Locale.ROOT, "%3.0f %%  ", 100 * Math.min(part, 1));
        if (terminal) {
            int filled = Double.isNaN(part) ? 0 : (int) Math.min(WIDTH, WIDTH * part);
            // Spaces over what a longer line before may have left.
            out.print("\r[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + percent + what + "   ");
        } else {
            out.println(percent + what);
        }
        out.flush();
    }

    /** Leaves a clean line for what follows. */
    public void end() {
        if (terminal && shownAt > 0) {
            out.print("\r" + " ".repeat(WIDTH + 60) + "\r");
            out.flush();
        }
    }
}
