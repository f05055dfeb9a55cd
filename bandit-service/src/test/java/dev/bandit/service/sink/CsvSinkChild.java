package dev.bandit.service.sink;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** A process that writes ticks, {@code <folder> <first tick>}, until it is killed, and says which it has written. See {@link CsvSinkProcessTest}. */
final class CsvSinkChild {

    static final int ARMS = 20;

    private CsvSinkChild() {}

    public static void main(String[] args) throws Exception {
        CsvSink sink = new CsvSink(Path.of(args[0]));
        for (Instant time = Instant.parse(args[1]); ; time = time.plusSeconds(60)) {
            sink.write(List.of(Rows.tick(time, 5, ARMS)));
            System.out.println(time);
        }
    }
}
