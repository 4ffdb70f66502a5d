package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.decide.Action;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.reconcile.WaitingPods.Taker;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.function.Predicate;

/** Pods in the name of a pool that no execution claims, as deletions. */
record UnclaimedPods(Caches caches, WaitingPods waiting) {
    List<Action.DeletePod> all(PluginPool pool) {
        return where(pool, pod -> true);
    }

    /** Those whose execution was deleted before it took them over. They were used, though they look as if they waited. */
    List<Action.DeletePod> used(PluginPool pool) {
        return where(
                pool,
                pod -> waiting.taker(pod.getMetadata().getUid())
                        .filter(Taker::isExecution)
                        .filter(taker -> !caches.executions().has(taker.id(), taker.uid()))
                        .isPresent());
    }

    private List<Action.DeletePod> where(PluginPool pool, Predicate<Pod> wanted) {
        String ref =
                pool.getMetadata().getNamespace() + "/" + pool.getMetadata().getName();
        return caches.pods().ofPool(ref).stream()
                .filter(pod -> RunState.pool(pod).isPresent())
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(pod -> caches.claimants().of(pod.getMetadata().getUid()).isEmpty())
                .filter(wanted)
                .map(Action.DeletePod::of)
                .toList();
    }
}
