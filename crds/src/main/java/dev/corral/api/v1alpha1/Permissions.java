package dev.corral.api.v1alpha1;

import java.util.List;

/** The permission vocabulary: the same words where a plugin asks, an execution narrows and a policy grants or denies. */
public record Permissions(
        FilePermissions files,
        NetworkPermissions network,
        List<String> env,
        List<SecretPermission> secrets,
        List<String> commands,
        List<String> invoke,
        ArtifactPermissions artifacts,
        EventPermissions events,
        StatePermissions state,
        List<String> capabilities,
        Limits limits) {}
