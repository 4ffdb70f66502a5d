package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Monotonic milliseconds since the assignment reached the launcher; the first is what the gateway adds. */
@ApiObject
public record ReportedTimings(
        @JsonPropertyDescription("Claim to assignment handed over, by the gateway's clock, ms.") @Min(0) @Nullable
        Long deliveredMillis,

        @JsonPropertyDescription("Handler started, ms.") @Min(0) @Nullable
        Long startedMillis,

        @JsonPropertyDescription("Handler ended, ms.") @Min(0) @Nullable
        Long finishedMillis,

        @JsonPropertyDescription("Outputs collected, ms.") @Min(0) @Nullable
        Long collectedMillis) {}
