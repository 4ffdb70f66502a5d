package dev.corral.api.v1alpha1;

import java.util.List;

/** What a plugin is: an image, its handlers, the permissions it asks for and the artifacts it declares. */
public record PluginSpec(
        String version,
        String image,
        Permissions permissions,
        List<ArtifactDeclaration> artifacts,
        List<Handler> handlers) {}
