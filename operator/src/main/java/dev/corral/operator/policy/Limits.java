package dev.corral.operator.policy;

import dev.corral.operator.permission.LimitField;
import java.util.OptionalLong;

/** The limits of one run, all of them decided. CPU time is bounded only where somebody says so: timeout times CPU is a bound too. */
public record Limits(
        long timeoutMillis,
        long memoryBytes,
        long cpuMillis,
        long diskBytes,
        long processes,
        long outputBytes,
        long events,
        OptionalLong cpuTimeMillis) {

    /** What holds where no cluster policy says anything. */
    public static final Limits DEFAULTS =
            new Limits(300_000, 256L << 20, 500, 256L << 20, 128, 64L << 20, 100, OptionalLong.empty());

    /** Empty for CPU time that nobody bounds. */
    public OptionalLong get(LimitField field) {
        return switch (field) {
            case TIMEOUT -> OptionalLong.of(timeoutMillis);
            case MEMORY -> OptionalLong.of(memoryBytes);
            case CPU -> OptionalLong.of(cpuMillis);
            case CPU_TIME -> cpuTimeMillis;
            case DISK -> OptionalLong.of(diskBytes);
            case PROCESSES -> OptionalLong.of(processes);
            case OUTPUT -> OptionalLong.of(outputBytes);
            case EVENTS -> OptionalLong.of(events);
        };
    }
}
