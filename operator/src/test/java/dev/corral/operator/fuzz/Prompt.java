package dev.corral.operator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/**
 * No input may cost more than 50 ms of processor time. Measured only while Jazzer searches (JAZZER_FUZZ is set, as -Pfull does): a
 * normal run replays the corpus and leaves clocks alone. What seems slow is tried again, so that compilation and a busy machine do not
 * count: the quickest try is what the input costs.
 */
public final class Prompt {
    private static final Duration MOST = Duration.ofMillis(50);
    private static final int TRIES = 5;
    private static final boolean SEARCHING = System.getenv("JAZZER_FUZZ") != null;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private Prompt() {}

    /** Runs it, and while Jazzer searches fails when it is slow. */
    public static void run(Runnable reading) {
        if (!SEARCHING) {
            reading.run();
            return;
        }
        var quickest = Long.MAX_VALUE;
        for (var i = 0; i < TRIES && quickest > MOST.toNanos(); i++) {
            var before = THREADS.getCurrentThreadCpuTime();
            reading.run();
            quickest = Math.min(quickest, THREADS.getCurrentThreadCpuTime() - before);
        }
        assertThat(Duration.ofNanos(quickest)).as("processor time of one input").isLessThan(MOST);
    }
}
