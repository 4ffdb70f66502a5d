package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** The limits of one run in plain units: milliseconds, bytes, counts. */
@ApiObject
public record AssignedLimits(
        @JsonPropertyDescription("Run time, ms.") @Min(0) @Nullable
        Long timeoutMillis,

        @JsonPropertyDescription("From TERM to KILL, ms.") @Min(0) @Nullable
        Long graceMillis,

        @JsonPropertyDescription("Memory, bytes.") @Min(0) @Nullable
        Long memoryBytes,

        @JsonPropertyDescription("Scratch space, bytes.") @Min(0) @Nullable
        Long diskBytes,

        @JsonPropertyDescription("Processes and threads at once.") @Min(0) @Nullable
        Integer processes,

        @JsonPropertyDescription("All artifacts together, bytes.") @Min(0) @Nullable
        Long outputBytes,

        @JsonPropertyDescription("Events of the run.") @Min(0) @Nullable
        Integer events,

        @JsonPropertyDescription("Processor time, ms; absent: unbounded.") @Min(1) @Nullable
        Long cpuTimeMillis) {}
