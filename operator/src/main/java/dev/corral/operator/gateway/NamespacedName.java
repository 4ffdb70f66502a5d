package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.PluginExecution;

/** An object by name. */
record NamespacedName(String namespace, String name) {
    static NamespacedName of(PluginExecution execution) {
        var metadata = execution.getMetadata();
        return new NamespacedName(metadata.getNamespace(), metadata.getName());
    }
}
