package dev.corral.api.v1alpha1;

import java.util.List;

/** Path globs of the container's file system. */
public record FilePermissions(List<String> read, List<String> write, List<String> deny) {}
