package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.plan.Installation;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a decision is made from, as read from caches at one moment. {@code sealed} is the report from the pod's termination
 * message, present only when its seal is valid; {@code refusal} is what the API server said when the pod was last asked for; {@code seen} is when an execution that is new was first heard of.
 */
public record Snapshot(
        PluginExecution execution,
        Optional<FoundPlugin> plugin,
        Map<String, String> namespaceLabels,
        List<ClusterPluginPolicy> clusterPolicies,
        List<PluginPolicy> policies,
        Optional<Pod> pod,
        Set<String> networkPolicies,
        boolean accountExists,
        Optional<RunReport> sealed,
        Optional<String> refusal,
        Pools pools,
        Optional<Instant> seen,
        Installation installation) {

    public Snapshot {
        namespaceLabels = Map.copyOf(namespaceLabels);
        clusterPolicies = List.copyOf(clusterPolicies);
        policies = List.copyOf(policies);
        networkPolicies = Set.copyOf(networkPolicies);
    }

    /** The plugin the execution names, of either kind. */
    public record FoundPlugin(String kind, String name, String uid, long generation, PluginSpec spec) {}

    /** The same world after the API server refused the pod. */
    public Snapshot refused(String words) {
        return new Snapshot(
                execution,
                plugin,
                namespaceLabels,
                clusterPolicies,
                policies,
                pod,
                networkPolicies,
                accountExists,
                sealed,
                Optional.of(words),
                pools,
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
                Optional.of(found),
                networkPolicies,
                accountExists,
                sealed,
                refusal,
                pools,
                seen,
                installation);
    }
}
