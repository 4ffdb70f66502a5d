package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.NamespaceSelector;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * This installation among others: where it is, which namespaces it selects, and which of those another one selects, too ({@code shared};
 * empty where there is no other one, or none is known yet).
 */
public record Neighbours(String namespace, NamespaceSelector namespaces, Supplier<Optional<List<String>>> shared) {}
