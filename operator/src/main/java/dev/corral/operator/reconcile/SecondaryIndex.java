package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which executions a changed object concerns. Answers from caches only: a call in an event path will one day lose the event. */
final class SecondaryIndex {
    private SecondaryIndex() {}

    /** Executions that are still undecided or unclaimed: the only ones a plugin can still change. */
    static Set<ResourceID> open(Stream<PluginExecution> all, Predicate<PluginExecution> concerned) {
        return all.filter(SecondaryIndex::unclaimed)
                .filter(concerned)
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    /** Executions that have not ended, claimed ones too. */
    static Set<ResourceID> live(Stream<PluginExecution> all, Predicate<PluginExecution> concerned) {
        return all.filter(execution ->
                        execution.getStatus() == null || !execution.getStatus().ended())
                .filter(concerned)
                .map(ResourceID::fromResource)
                .collect(Collectors.toSet());
    }

    /** The execution that controls the object. */
    static Set<ResourceID> owner(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(owner -> OwnedLabels.isOwner(owner, "PluginExecution"))
                .map(owner ->
                        new ResourceID(owner.getName(), object.getMetadata().getNamespace()))
                .collect(Collectors.toSet());
    }

    /** The execution that controls the pod, or, while a pool does, the one that claims it. */
    static Set<ResourceID> ofPod(Pod pod, IndexedResourceCache<PluginExecution> executions) {
        return RunState.pool(pod).isEmpty()
                ? owner(pod)
                : executions.byIndex(EventSources.CLAIMED_POD, pod.getMetadata().getUid()).stream()
                        .map(ResourceID::fromResource)
                        .collect(Collectors.toSet());
    }

    private static boolean unclaimed(PluginExecution execution) {
        return Optional.ofNullable(execution.getStatus())
                .map(status -> !status.ended()
                        && (status.attempt() == null || status.attempt().session() == null))
                .orElse(true);
    }
}
