package dev.corral.api.v1alpha1;

import java.util.List;

/** The policies behind the verdict; the same hash always gives the same pod. */
public record DecidedPolicy(String hash, List<PolicyReference> refs) {}
