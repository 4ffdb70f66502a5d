package dev.corral.operator.permission;

import java.util.OptionalLong;

/** Upper bounds of one run as one layer states them, in plain units; empty where the layer says nothing. */
public record Budget(
        OptionalLong timeoutMillis,
        OptionalLong memoryBytes,
        OptionalLong cpuMillis,
        OptionalLong cpuTimeMillis,
        OptionalLong diskBytes,
        OptionalLong processes,
        OptionalLong outputBytes,
        OptionalLong events) {

    private static final OptionalLong NONE = OptionalLong.empty();
    public static final Budget UNLIMITED = new Budget(NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE);

    public Budget {
        requirePositive(timeoutMillis);
        requirePositive(memoryBytes);
        requirePositive(cpuMillis);
        requirePositive(cpuTimeMillis);
        requirePositive(diskBytes);
        requirePositive(processes);
        requirePositive(outputBytes);
        requireNotNegative(events);
    }

    public OptionalLong get(LimitField field) {
        return switch (field) {
            case TIMEOUT -> timeoutMillis;
            case MEMORY -> memoryBytes;
            case CPU -> cpuMillis;
            case CPU_TIME -> cpuTimeMillis;
            case DISK -> diskBytes;
            case PROCESSES -> processes;
            case OUTPUT -> outputBytes;
            case EVENTS -> events;
        };
    }

    public Budget with(LimitField field, long value) {
        OptionalLong v = OptionalLong.of(value);
        return switch (field) {
            case TIMEOUT ->
                new Budget(v, memoryBytes, cpuMillis, cpuTimeMillis, diskBytes, processes, outputBytes, events);
            case MEMORY ->
                new Budget(timeoutMillis, v, cpuMillis, cpuTimeMillis, diskBytes, processes, outputBytes, events);
            case CPU ->
                new Budget(timeoutMillis, memoryBytes, v, cpuTimeMillis, diskBytes, processes, outputBytes, events);
            case CPU_TIME ->
                new Budget(timeoutMillis, memoryBytes, cpuMillis, v, diskBytes, processes, outputBytes, events);
            case DISK ->
                new Budget(timeoutMillis, memoryBytes, cpuMillis, cpuTimeMillis, v, processes, outputBytes, events);
            case PROCESSES ->
                new Budget(timeoutMillis, memoryBytes, cpuMillis, cpuTimeMillis, diskBytes, v, outputBytes, events);
            case OUTPUT ->
                new Budget(timeoutMillis, memoryBytes, cpuMillis, cpuTimeMillis, diskBytes, processes, v, events);
            case EVENTS ->
                new Budget(timeoutMillis, memoryBytes, cpuMillis, cpuTimeMillis, diskBytes, processes, outputBytes, v);
        };
    }

    private static void requirePositive(OptionalLong value) {
        if (value.isPresent() && value.getAsLong() <= 0) {
            throw new IllegalArgumentException("limit " + value);
        }
    }

    private static void requireNotNegative(OptionalLong value) {
        if (value.isPresent() && value.getAsLong() < 0) {
            throw new IllegalArgumentException("limit " + value);
        }
    }
}
