package dev.corral.api.v1alpha1;

import java.util.List;

/** Narrows. {@code limitTo} absent: only {@code denies} count; present: whatever it does not list is not granted in this namespace. */
public record PluginPolicySpec(List<String> plugins, Permissions limitTo, Permissions denies) {}
