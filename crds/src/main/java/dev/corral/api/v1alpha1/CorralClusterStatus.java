package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Capabilities as seen from inside pods, with the time they were first and last seen. */
@ApiObject
public record CorralClusterStatus(
        @JsonPropertyDescription("Version of the operator that wrote this.") @Size(max = 64) @Nullable
        String operatorVersion,

        @JsonPropertyDescription("What was probed.") @Size(max = 32) @Nullable
        List<CapabilityStatus> capabilities,

        @JsonPropertyDescription("Ready: the probe ran and its findings are current.") @Size(max = 16) @Nullable
        List<Condition> conditions) {}
