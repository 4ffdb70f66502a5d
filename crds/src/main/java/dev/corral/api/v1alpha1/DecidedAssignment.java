package dev.corral.api.v1alpha1;

import java.util.List;

/**
 * What the claim hands to the gateway for delivery, decided once: the gateway adds input and the values of the named variables
 * from the immutable spec and decides nothing itself. {@code env} holds names, never values; {@code artifacts[].path} is resolved.
 */
public record DecidedAssignment(
        List<String> command,
        List<String> env,
        List<ArtifactDeclaration> artifacts,
        List<String> produce,
        AssignedLimits limits) {}
