package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Milliseconds since the controller first saw the execution. */
@ApiObject
public record RunTimings(
        @JsonPropertyDescription("Taken up by the controller, ms.") @Min(0) @Nullable
        Long accepted,

        @JsonPropertyDescription("Verdict made, ms.") @Min(0) @Nullable
        Long decided,

        @JsonPropertyDescription("Pod proven and ready, ms.") @Min(0) @Nullable
        Long podReady,

        @JsonPropertyDescription("Pod claimed, ms.") @Min(0) @Nullable
        Long claimed,

        @JsonPropertyDescription("Assignment handed to the launcher, ms.") @Min(0) @Nullable
        Long delivered,

        @JsonPropertyDescription("Handler started, ms.") @Min(0) @Nullable
        Long started,

        @JsonPropertyDescription("Handler ended, ms.") @Min(0) @Nullable
        Long finished,

        @JsonPropertyDescription("Report seen, ms.") @Min(0) @Nullable
        Long reported) {}
