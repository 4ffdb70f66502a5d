package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Why it failed: a stable code, a sentence, redacted details and what to do. */
@ApiObject
public record ErrorDetail(
        @JsonPropertyDescription("Stable code. Example: PERMISSION_DENIED.") @Size(max = 128) @Nullable
        String code,

        @JsonPropertyDescription("What happened.") @Size(max = 2048) @Nullable
        String message,

        @JsonPropertyDescription("Redacted facts.") @Size(max = 16) @Nullable
        Map<String, @Size(max = 512) String> details,

        @JsonPropertyDescription("What to do.") @Size(max = 1024) @Nullable
        String remediation) {}
