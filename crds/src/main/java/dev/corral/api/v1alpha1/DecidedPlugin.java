package dev.corral.api.v1alpha1;

/** The plugin as it was when the verdict was made; every attempt uses this. {@code imageID} is what the node ran. */
public record DecidedPlugin(
        String kind, String name, String uid, Long generation, String version, String image, String imageID) {}
