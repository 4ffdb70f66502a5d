package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.decide.Snapshot.FoundPlugin;
import dev.corral.operator.plan.Installation;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a decision about a pool is made from. {@code pods}: those made by it, whoever owns them now; {@code claimed}: the uids of
 * pods that executions claim; {@code budget}: how many pods may be made now; {@code nonces}: as many fresh ones; {@code refusal}: what
 * the API server said when a pod was last asked for; {@code written}: when the status was last written by this process.
 */
public record PoolSnapshot(
        PluginPool pool,
        Optional<FoundPlugin> plugin,
        Map<String, String> namespaceLabels,
        List<ClusterPluginPolicy> clusterPolicies,
        List<PluginPolicy> policies,
        Set<String> networkPolicies,
        boolean accountExists,
        List<Pod> pods,
        Set<String> claimed,
        int budget,
        List<String> nonces,
        Optional<String> refusal,
        Optional<Instant> written,
        Installation installation) {

    public PoolSnapshot {
        namespaceLabels = Map.copyOf(namespaceLabels);
        clusterPolicies = List.copyOf(clusterPolicies);
        policies = List.copyOf(policies);
        networkPolicies = Set.copyOf(networkPolicies);
        pods = List.copyOf(pods);
        claimed = Set.copyOf(claimed);
        nonces = List.copyOf(nonces);
    }

    /** The world as an execution of the pool's plugin and handler would find it that narrows nothing. */
    Snapshot asExecution() {
        PluginExecution execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace(pool.getMetadata().getNamespace())
                .withName(pool.getMetadata().getName())
                .withUid(pool.getMetadata().getUid())
                .build());
        execution.setSpec(new PluginExecutionSpec(
                pool.getSpec().plugin(),
                pool.getSpec().handler(),
                null,
                null,
                null,
                null,
                pool.getSpec().secrets(),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
        return new Snapshot(
                execution,
                plugin,
                namespaceLabels,
                clusterPolicies,
                policies,
                Map.of(),
                Optional.empty(),
                networkPolicies,
                accountExists,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Pools.NONE,
                Snapshot.Standing.NONE,
                Optional.empty(),
                installation);
    }
}
