package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginPool;
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
 * pods that executions claim; {@code unmounted}: by pod uid, what the kubelet said last of a volume it cannot mount; {@code budget}:
 * how many pods may be made now; {@code claimsRun}: whether executions took pods just now; {@code nonces}: as many fresh ones as the
 * budget; {@code refusal}: what the API server said when a pod was last asked for;
 * {@code written}: when the status was last written by this process.
 */
public record PoolSnapshot(
        PluginPool pool,
        Surroundings surroundings,
        List<Pod> pods,
        Set<String> claimed,
        Map<String, String> unmounted,
        int budget,
        boolean claimsRun,
        List<String> nonces,
        Optional<String> refusal,
        Optional<Instant> written) {

    public PoolSnapshot {
        pods = List.copyOf(pods);
        claimed = Set.copyOf(claimed);
        unmounted = Map.copyOf(unmounted);
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
        return Snapshot.bare(execution, surroundings);
    }

    Installation installation() {
        return surroundings.installation();
    }
}
