package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** {@code mode: Learn}: the smallest permissions that cover what the run tried, as YAML to paste; names and addresses, never values. */
@ApiObject
public record LearnedPermissions(
        @JsonPropertyDescription(
                "A permissions section as YAML, for the plugin. The artifact learned-permissions.yaml has it whole.")
        @Size(max = 6144)
        @Nullable
        String proposal,

        @JsonPropertyDescription("false: something was not seen or did not fit; the proposal's comments say what.")
        @Nullable
        Boolean complete,

        @JsonPropertyDescription("Files and directories read.") @Min(0) @Nullable
        Integer read,

        @JsonPropertyDescription("Files and directories written.") @Min(0) @Nullable
        Integer written,

        @JsonPropertyDescription("Programs executed.") @Min(0) @Nullable
        Integer executed,

        @JsonPropertyDescription("Addresses reached or tried.") @Min(0) @Nullable
        Integer addresses,

        @JsonPropertyDescription("Names reached or tried.") @Min(0) @Nullable
        Integer names) {}
