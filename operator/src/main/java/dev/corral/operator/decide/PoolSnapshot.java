package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginPoolSpec;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.plan.Installation;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a decision about a pool is made from. {@code demands}: what it is to have pods for; {@code pods}: those made by it, whoever owns them now; {@code claimed}: the uids of
 * pods that executions claim; {@code unmounted}: by pod uid, what the kubelet said last of a volume it cannot mount; {@code budget}:
 * how many pods may be made now; {@code claimsRun}: whether executions took pods just now; {@code nonces}: as many fresh ones as the
 * budget; {@code refusal}: what the API server said when a pod was last asked for;
 * {@code written}: when the status was last written by this process.
 */
public record PoolSnapshot(
        PluginPool pool,
        Surroundings surroundings,
        List<Demand> demands,
        List<Pod> pods,
        Set<String> claimed,
        Map<String, String> unmounted,
        int budget,
        boolean claimsRun,
        List<String> nonces,
        Optional<String> refusal,
        Optional<Instant> written) {

    public PoolSnapshot {
        demands = List.copyOf(demands);
        pods = List.copyOf(pods);
        claimed = Set.copyOf(claimed);
        unmounted = Map.copyOf(unmounted);
        nonces = List.copyOf(nonces);
    }

    /** A pool that names no plugin keeps what ran lately, and its replicas are a budget. */
    public static boolean isAutomatic(PluginPool pool) {
        return pool.getSpec() != null && pool.getSpec().plugin() == null;
    }

    /** What a pool asks for that names plugin and handler. */
    public static List<Demand> named(PluginPool pool, Optional<FoundPlugin> plugin) {
        PluginPoolSpec spec = pool.getSpec();
        return spec == null || spec.plugin() == null || spec.handler() == null || spec.replicas() == null
                ? List.of()
                : List.of(new Demand(
                        Demand.asked(spec.plugin(), spec.handler(), spec.secrets(), null, null),
                        plugin,
                        spec.replicas()));
    }

    boolean isAutomatic() {
        return isAutomatic(pool);
    }

    /** The world as an execution would find it of which nothing is known but what is asked for. */
    Snapshot asExecution(Demand demand) {
        PluginExecution execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace(pool.getMetadata().getNamespace())
                .withName(pool.getMetadata().getName())
                .withUid(pool.getMetadata().getUid())
                .build());
        execution.setSpec(demand.asked());
        return Snapshot.bare(execution, surroundings.with(demand.plugin()));
    }

    Installation installation() {
        return surroundings.installation();
    }
}
