package dev.corral.api.v1alpha1;

import java.util.List;

/** Selects executions by namespace and by catalogue plugin or image, and grants them permissions. Grants of all matching policies unite. */
public record ClusterPluginPolicySpec(
        String owner,
        String expires,
        Boolean fallback,
        LabelRequirement namespaces,
        List<String> plugins,
        List<String> images,
        ImageReferencePolicy imageReferences,
        Permissions grants,
        Permissions denies,
        List<NamedService> services,
        Placement placement,
        List<String> imagePullSecrets,
        List<String> tolerateUnenforced) {}
