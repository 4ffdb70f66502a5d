package dev.corral.api.v1alpha1;

import java.util.List;

/** Topics, exact or with a trailing {@code *} before the version: {@code check.*@v1}. */
public record EventPermissions(List<String> produce, List<String> consume) {}
