package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** As measured by the launcher from its own cgroup. */
@ApiObject
public record ReportedMetrics(
        @JsonPropertyDescription("Wall time, ms.") @Min(0) @Nullable
        Long wallMillis,

        @JsonPropertyDescription("CPU time, ms.") @Min(0) @Nullable
        Long cpuMillis,

        @JsonPropertyDescription("Peak memory, bytes.") @Min(0) @Nullable
        Long memoryPeakBytes) {}
