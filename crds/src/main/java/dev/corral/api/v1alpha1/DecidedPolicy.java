package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The policies behind the verdict; the same hash always gives the same pod. */
@ApiObject
public record DecidedPolicy(
        @JsonPropertyDescription("Hash of what they grant.") @Size(max = 64) @Nullable
        String hash,

        @JsonPropertyDescription("The policies that matched.") @Size(max = 64) @Nullable
        List<PolicyReference> refs) {}
