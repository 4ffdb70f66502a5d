package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.decide.Decision;
import dev.corral.operator.decide.Installations;
import dev.corral.operator.plan.Installation;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Who serves which namespace, as far as the caches know now; {@code namespaces} are those this installation selects. */
record ServedNamespaces(Caches caches, Supplier<Installation> installation, NamespaceSelector namespaces) {
    private Installations installations() {
        return Installations.of(
                installation.get().namespace(), namespaces, caches.clusters().all());
    }

    boolean serves(String namespace) {
        return installations().serves(known(namespace));
    }

    boolean isNobodys(String namespace) {
        return installations().isNobodys(known(namespace));
    }

    boolean has(PluginExecution execution) {
        return installations().has(execution, known(execution.getMetadata().getNamespace()));
    }

    /** What to tell of an execution that nobody looks after, and when again. */
    Decision unserved(PluginExecution execution) {
        return installations().unserved(execution, known(execution.getMetadata().getNamespace()));
    }

    /** Namespaces of ours that another installation selects, too; empty where there is no other one. */
    Optional<List<String>> shared() {
        Installations all = installations();
        return all.others().isEmpty()
                ? Optional.empty()
                : Optional.of(all.shared(caches.namespaces().all()).toList());
    }

    /** The labels of a namespace; none while the watch has not told of it. */
    Map<String, String> labels(String namespace) {
        return known(namespace).orElse(Map.of());
    }

    private Optional<Map<String, String>> known(String namespace) {
        return caches.namespaces()
                .get(new ResourceID(namespace))
                .map(found ->
                        Optional.ofNullable(found.getMetadata().getLabels()).orElse(Map.of()));
    }
}
