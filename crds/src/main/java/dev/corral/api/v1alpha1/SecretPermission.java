package dev.corral.api.v1alpha1;

import java.util.List;

/** Keys of a Secret of the execution's namespace, delivered as files {@code /secrets/<name>/<key>}. No keys in a grant: every key. */
public record SecretPermission(String name, List<String> keys) {}
