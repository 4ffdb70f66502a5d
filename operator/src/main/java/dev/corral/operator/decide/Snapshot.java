package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.queue.Place;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a decision is made from, as read from caches at one moment. {@code sealed} is the report from the pod's termination
 * message, present only when its seal is valid; {@code producers} are the executions whose artifacts it takes, by name;
 * {@code refusal} is what the API server said when the pod was last asked for, {@code unmounted} what the kubelet said last of a volume
 * of this pod that it cannot mount;
 * {@code openings} are network policies of others that open something for plugin pods of this namespace;
 * {@code standing} is its place among those that run and wait;
 * {@code seen} is when an execution that is new was first heard of.
 */
public record Snapshot(
        PluginExecution execution,
        Optional<FoundPlugin> plugin,
        Map<String, String> namespaceLabels,
        List<ClusterPluginPolicy> clusterPolicies,
        List<PluginPolicy> policies,
        Map<String, PluginExecution> producers,
        Optional<Pod> pod,
        Set<String> networkPolicies,
        boolean accountExists,
        Optional<RunReport> sealed,
        Optional<String> refusal,
        Optional<String> unmounted,
        List<NetworkOpening> openings,
        Pools pools,
        Standing standing,
        Optional<Instant> seen,
        Installation installation) {

    public Snapshot {
        openings = List.copyOf(openings);
        namespaceLabels = Map.copyOf(namespaceLabels);
        clusterPolicies = List.copyOf(clusterPolicies);
        policies = List.copyOf(policies);
        producers = Map.copyOf(producers);
        networkPolicies = Set.copyOf(networkPolicies);
    }

    /** The plugin the execution names, of either kind. */
    public record FoundPlugin(String kind, String name, String uid, long generation, PluginSpec spec) {}

    /** {@code place}: empty until it was asked for; {@code quotaFull}: a quota of the namespace refused the last pod. */
    public record Standing(Optional<Place> place, boolean quotaFull) {
        public static final Standing NONE = new Standing(Optional.empty(), false);
    }

    /** Names of the executions whose artifacts this one takes, all of its namespace. */
    public static Set<String> producersOf(PluginExecution execution) {
        return Staging.producers(execution.getSpec());
    }

    /** The same world after the API server refused the pod. */
    public Snapshot refused(String words) {
        return new Snapshot(
                execution,
                plugin,
                namespaceLabels,
                clusterPolicies,
                policies,
                producers,
                pod,
                networkPolicies,
                accountExists,
                sealed,
                Optional.of(words),
                unmounted,
                openings,
                pools,
                standing,
                seen,
                installation);
    }

    /** The same world, now that its place among those that run and wait is known. */
    public Snapshot at(Place place) {
        return new Snapshot(
                execution,
                plugin,
                namespaceLabels,
                clusterPolicies,
                policies,
                producers,
                pod,
                networkPolicies,
                accountExists,
                sealed,
                refusal,
                unmounted,
                openings,
                pools,
                new Standing(Optional.of(place), standing.quotaFull()),
                seen,
                installation);
    }

    /** The same world with this pod in it, which no cache showed. */
    public Snapshot with(Pod found) {
        return new Snapshot(
                execution,
                plugin,
                namespaceLabels,
                clusterPolicies,
                policies,
                producers,
                Optional.of(found),
                networkPolicies,
                accountExists,
                sealed,
                refusal,
                unmounted,
                openings,
                pools,
                standing,
                seen,
                installation);
    }
}
