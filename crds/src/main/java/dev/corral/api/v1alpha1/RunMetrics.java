package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** From the run's own cgroup: wall and CPU time with a unit, peak memory as a quantity. */
@ApiObject
public record RunMetrics(
        @JsonPropertyDescription("Wall time. Example: 1.84s.") @Size(max = 32) @Nullable
        String wall,

        @JsonPropertyDescription("CPU time. Example: 410ms.") @Size(max = 32) @Nullable
        String cpu,

        @JsonPropertyDescription("Peak memory. Example: 23Mi.") @Size(max = 32) @Nullable
        String memoryPeak) {}
