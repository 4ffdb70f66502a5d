package dev.corral.operator.policy;

import dev.corral.operator.permission.LimitField;
import java.util.OptionalLong;

/** The limits of one run, all of them decided. CPU time has none: see {@link Enforceability}. */
public record Limits(
        long timeoutMillis,
        long memoryBytes,
        long cpuMillis,
        long diskBytes,
        long processes,
        long outputBytes,
        long events) {

    /** What holds where no cluster policy says anything. */
    public static final Limits DEFAULTS = new Limits(300_000, 256L << 20, 500, 256L << 20, 128, 64L << 20, 100);

    /** Empty for what has no limit in this version. */
    public OptionalLong get(LimitField field) {
        return switch (field) {
            case TIMEOUT -> OptionalLong.of(timeoutMillis);
            case MEMORY -> OptionalLong.of(memoryBytes);
            case CPU -> OptionalLong.of(cpuMillis);
            case CPU_TIME -> OptionalLong.empty();
            case DISK -> OptionalLong.of(diskBytes);
            case PROCESSES -> OptionalLong.of(processes);
            case OUTPUT -> OptionalLong.of(outputBytes);
            case EVENTS -> OptionalLong.of(events);
        };
    }
}
