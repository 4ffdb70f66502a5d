package dev.corral.operator.status;

import dev.corral.api.v1alpha1.RunMetrics;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.api.v1alpha1.RunTimings;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a launcher's report says, as a status says it: units in words, milliseconds from the controller's first sight, text made harmless. */
record Reported(RunReport report) {
    private static final int LOG_TAIL = 4096;

    Optional<RunMetrics> metrics() {
        return Optional.ofNullable(report.metrics()).map(raw -> {
            Long wall = raw.wallMillis();
            Long cpu = raw.cpuMillis();
            Long memory = raw.memoryPeakBytes();
            return new RunMetrics(
                    wall == null ? null : Readable.duration(Duration.ofMillis(wall)),
                    cpu == null ? null : cpu + "ms",
                    memory == null ? null : Readable.bytes(memory));
        });
    }

    /** The launcher counts from the claim on, and from where its assignment was handed over; {@code known}: the steps up to the claim. */
    Optional<RunTimings> timings(@Nullable RunTimings known, long reported) {
        if (report.timings() == null || known == null || known.claimed() == null) {
            return Optional.empty();
        }
        long claimed = known.claimed();
        Long handedOver = report.timings().deliveredMillis();
        long delivered = claimed + (handedOver == null ? 0 : handedOver);
        return Optional.of(new RunTimings(
                known.accepted(),
                known.decided(),
                known.podReady(),
                claimed,
                handedOver == null ? null : Long.valueOf(delivered),
                plus(delivered, report.timings().startedMillis()),
                plus(delivered, report.timings().finishedMillis()),
                reported));
    }

    Optional<String> logTail() {
        return Optional.ofNullable(report.logTail())
                .filter(text -> !text.isBlank())
                .map(text -> PlainText.shown(text, LOG_TAIL));
    }

    private static @Nullable Long plus(long base, @Nullable Long more) {
        return more == null ? null : Long.valueOf(base + more);
    }
}
