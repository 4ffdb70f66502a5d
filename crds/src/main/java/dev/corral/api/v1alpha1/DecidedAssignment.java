package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the claim hands to the gateway for delivery, decided once: the gateway adds input and the values of the named variables
 * from the immutable spec and decides nothing itself. {@code env} holds names, never values; {@code artifacts[].path} is resolved;
 * {@code files} says which bytes an artifact had at the decision, and no others are delivered.
 */
@ApiObject
public record DecidedAssignment(
        @JsonPropertyDescription("Program and arguments.") @Size(max = 64) @Nullable
        List<@Size(max = 4096) String> command,

        @JsonPropertyDescription("Names of the variables delivered, never values.") @Size(max = 64) @Nullable
        List<@Size(max = 128) String> env,

        @JsonPropertyDescription("SHA-256 of the artifact that is the input.") @Size(max = 64) @Nullable
        String inputDigest,

        @JsonPropertyDescription("Hash of the JSON Schema that an input from elsewhere must match.")
        @Size(max = 64)
        @Nullable
        String inputSchema,

        @JsonPropertyDescription("Artifacts staged as files.") @Size(max = 16) @Nullable
        List<FileDigest> files,

        @JsonPropertyDescription("Files collected after the run; path is resolved.") @Size(max = 50) @Nullable
        List<ArtifactDeclaration> artifacts,

        @JsonPropertyDescription("Topics it may emit.") @Size(max = 64) @Nullable
        List<@Size(max = 128) String> produce,

        @JsonPropertyDescription("Host names it may reach through the gateway.") @Size(max = 128) @Nullable
        List<@Size(max = 272) String> hosts,

        @JsonPropertyDescription("Host names it may not reach though hosts has them.") @Size(max = 256) @Nullable
        List<@Size(max = 272) String> denyHosts,

        @JsonPropertyDescription("Limits in plain units.") @Nullable
        AssignedLimits limits,

        @JsonPropertyDescription(
                "mode Learn: what a proposal keeps as it was asked, as field and item. Example: network.peers app=cache:6379.")
        @Size(max = 128)
        @Nullable
        List<@Size(max = 544) String> learnKeeps) {}
