package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.render.LaidPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a namespace offers whoever runs a plugin in it, an execution or a pool: the plugin it names, the policies that may concern it, what
 * lies there already (our {@code networkPolicies}, the account of plugin pods), and how Corral is installed.
 */
public record Surroundings(
        Optional<FoundPlugin> plugin,
        Map<String, String> namespaceLabels,
        List<ClusterPluginPolicy> clusterPolicies,
        List<PluginPolicy> policies,
        Set<LaidPolicy> networkPolicies,
        boolean accountExists,
        Installation installation) {

    public Surroundings {
        namespaceLabels = Map.copyOf(namespaceLabels);
        clusterPolicies = List.copyOf(clusterPolicies);
        policies = List.copyOf(policies);
        networkPolicies = Set.copyOf(networkPolicies);
    }

    /** The same place for whoever names this plugin. */
    Surroundings with(Optional<FoundPlugin> other) {
        return new Surroundings(
                other, namespaceLabels, clusterPolicies, policies, networkPolicies, accountExists, installation);
    }

    /** The plugin that is named, of either kind. */
    public record FoundPlugin(String kind, String name, String uid, long generation, PluginSpec spec) {}
}
