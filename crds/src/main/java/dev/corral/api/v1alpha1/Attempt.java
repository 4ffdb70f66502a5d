package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The claim: this pod, by this session, runs this attempt. Written once per attempt, by one optimistic-locked write. */
@ApiObject
public record Attempt(
        @JsonPropertyDescription("Counts from 1.") @Required @Min(1)
        Integer number,

        @JsonPropertyDescription("Name of the pod.") @Size(max = 253) @Nullable
        String pod,

        @JsonPropertyDescription("UID of the pod.") @Size(max = 64) @Nullable
        String podUID,

        @JsonPropertyDescription("The launcher session that runs it.") @Size(max = 64) @Nullable
        String session,

        @JsonPropertyDescription("When the pod was claimed.") @Size(max = 64) @Nullable
        String claimTime,

        @JsonPropertyDescription("A further attempt starts no earlier; its pending timeout counts from here.")
        @Size(max = 64)
        @Nullable
        String notBefore) {}
