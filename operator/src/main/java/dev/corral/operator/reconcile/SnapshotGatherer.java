package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.cluster.ForeignPolicies;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.decide.Snapshot;
import dev.corral.operator.decide.Snapshot.FoundPlugin;
import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads everything a decision needs, from caches only. */
final class SnapshotGatherer {
    private final Caches caches;
    private final ForeignPolicies foreign;
    private final Supplier<Installation> installation;
    private final SealOpener seals;

    SnapshotGatherer(Caches caches, ForeignPolicies foreign, Supplier<Installation> installation, SealOpener seals) {
        this.caches = caches;
        this.foreign = foreign;
        this.installation = installation;
        this.seals = seals;
    }

    /** The caches, by what they hold. */
    record Caches(
            Cache<Pod> pods,
            Cache<NetworkPolicy> networkPolicies,
            Cache<ServiceAccount> accounts,
            Cache<Namespace> namespaces,
            Cache<Plugin> plugins,
            Cache<ClusterPlugin> clusterPlugins,
            Cache<ClusterPluginPolicy> clusterPolicies,
            Cache<PluginPolicy> policies,
            Cache<Event> mountFailures,
            Function<ResourceID, Optional<PluginExecution>> executions) {}

    /** One cache: by name, and all of a namespace. */
    interface Cache<T extends HasMetadata> {
        Optional<T> get(ResourceID id);

        Collection<T> all();
    }

    Snapshot gather(PluginExecution execution) {
        String namespace = execution.getMetadata().getNamespace();
        Optional<Pod> pod = caches.pods().get(new ResourceID(ObjectNames.pod(RunState.run(execution)), namespace));
        return new Snapshot(
                execution,
                plugin(execution),
                labels(namespace),
                List.copyOf(caches.clusterPolicies().all()),
                caches.policies().all().stream()
                        .filter(policy -> namespace.equals(policy.getMetadata().getNamespace()))
                        .toList(),
                producers(execution),
                pod,
                policyNames(namespace),
                caches.accounts()
                        .get(new ResourceID(ObjectNames.SERVICE_ACCOUNT, namespace))
                        .isPresent(),
                pod.flatMap(found -> sealed(execution, found)),
                Optional.empty(),
                pod.flatMap(this::unmounted),
                openings(namespace),
                installation.get());
    }

    /** The kubelet repeats one Event while it fails in the same way, so the last one seen is what holds it up now. */
    private Optional<String> unmounted(Pod pod) {
        return caches.mountFailures().all().stream()
                .filter(event -> pod.getMetadata()
                        .getUid()
                        .equals(event.getInvolvedObject().getUid()))
                .filter(event -> event.getMessage() != null && event.getLastTimestamp() != null)
                .max(Comparator.comparing(Event::getLastTimestamp))
                .map(Event::getMessage);
    }

    private Map<String, PluginExecution> producers(PluginExecution execution) {
        Map<String, PluginExecution> producers = new HashMap<>();
        for (String name : Snapshot.producersOf(execution)) {
            caches.executions()
                    .apply(new ResourceID(name, execution.getMetadata().getNamespace()))
                    .ifPresent(found -> producers.put(name, found));
        }
        return producers;
    }

    private List<NetworkOpening> openings(String namespace) {
        return foreign.concerning(namespace).stream()
                .flatMap(policy ->
                        ForeignPolicy.opening(policy, namespace, labels(namespace), OwnedLabels.EVERY_POD).stream())
                .sorted(Comparator.comparing(NetworkOpening::object))
                .toList();
    }

    private Set<String> policyNames(String namespace) {
        return caches.networkPolicies().all().stream()
                .filter(policy -> namespace.equals(policy.getMetadata().getNamespace()))
                .map(policy -> policy.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    private Map<String, String> labels(String namespace) {
        return caches.namespaces()
                .get(new ResourceID(namespace))
                .map(found -> found.getMetadata().getLabels())
                .orElse(Map.of());
    }

    private Optional<FoundPlugin> plugin(PluginExecution execution) {
        if (execution.getSpec() == null || execution.getSpec().plugin() == null) {
            return Optional.empty();
        }
        PluginReference reference = execution.getSpec().plugin();
        if (reference.clusterName() != null) {
            return caches.clusterPlugins()
                    .get(new ResourceID(reference.clusterName()))
                    .flatMap(found -> found("ClusterPlugin", found, found.getSpec()));
        }
        if (reference.name() == null) {
            return Optional.empty();
        }
        return caches.plugins()
                .get(new ResourceID(reference.name(), execution.getMetadata().getNamespace()))
                .flatMap(found -> found("Plugin", found, found.getSpec()));
    }

    private static Optional<FoundPlugin> found(String kind, HasMetadata object, @Nullable PluginSpec spec) {
        if (spec == null) {
            return Optional.empty();
        }
        Long generation = object.getMetadata().getGeneration();
        return Optional.of(new FoundPlugin(
                kind,
                object.getMetadata().getName(),
                object.getMetadata().getUid(),
                generation == null ? 0 : generation,
                spec));
    }

    private Optional<RunReport> sealed(PluginExecution execution, Pod pod) {
        if (execution.getStatus() == null
                || execution.getStatus().attempt() == null
                || execution.getStatus().attempt().session() == null
                || pod.getStatus() == null
                || pod.getStatus().getContainerStatuses() == null) {
            return Optional.empty();
        }
        String session = execution.getStatus().attempt().session();
        return pod.getStatus().getContainerStatuses().stream()
                .filter(container -> container.getState() != null
                        && container.getState().getTerminated() != null
                        && container.getState().getTerminated().getMessage() != null)
                .map(container -> container.getState().getTerminated().getMessage())
                .findFirst()
                .flatMap(message -> seals.open(message, pod.getMetadata().getUid(), session));
    }
}
