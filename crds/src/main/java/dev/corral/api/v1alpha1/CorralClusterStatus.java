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

        @JsonPropertyDescription("What was probed, per class of nodes.") @Size(max = 256) @Nullable
        List<CapabilityStatus> capabilities,

        @JsonPropertyDescription(
                "Ready: probed on every class of nodes. LauncherDelivery: how launchers come into pods, and why so. "
                        + "NamespacesDisjoint: no other installation selects a namespace of this one.")
        @Size(max = 16)
        @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Namespace of the installation that wrote this.") @Size(max = 63) @Nullable
        String installation,

        @JsonPropertyDescription("Which namespaces the installation serves. Empty: all.") @Nullable
        NamespaceSelector namespaces,

        @JsonPropertyDescription("Where the artifacts of these namespaces are read.") @Nullable
        ArtifactEndpoint artifacts) {}
