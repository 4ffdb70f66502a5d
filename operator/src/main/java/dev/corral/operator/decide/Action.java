package dev.corral.operator.decide;

import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;

/** One thing to do to the cluster. */
public sealed interface Action {
    /** What has to be there before the status says so. */
    sealed interface Laid extends Action {}

    /** What goes, or changes hands, once the status says so. */
    sealed interface Cleared extends Action {}

    /** Makes the account plugin pods run as; it is bound to nothing. */
    record EnsureAccount(String namespace) implements Laid {}

    /**
     * Lays down a network policy, whole. {@code asChanged}: it will do as a webhook leaves it, where an open network is tolerated or probed.
     * {@code opened}: what lies there, or that none does, opens more.
     */
    record ApplyNetworkPolicy(NetworkPolicy policy, boolean asChanged, boolean opened) implements Laid {}

    /** Creates the pod; that it exists already is fine, the next look tells whose it is. */
    record CreatePod(Pod pod) implements Laid {}

    /** Deletes a network policy that passes for ours, by its uid. */
    record DeleteNetworkPolicy(String namespace, String name, String uid) implements Cleared {}

    /** Deletes the pod of that uid and no other of the same name. */
    record DeletePod(String namespace, String name, String uid) implements Cleared {
        public static DeletePod of(Pod pod) {
            return new DeletePod(
                    pod.getMetadata().getNamespace(),
                    pod.getMetadata().getName(),
                    pod.getMetadata().getUid());
        }
    }

    /** Makes the execution the owner of a pod it claimed from a pool, so that the pod outlives the pool and goes with the run. */
    record AdoptPod(String namespace, String name, String uid, String poolUID, RunIdentity run) implements Cleared {}

    /** Makes the status of a finished execution say that it is about its newest spec. */
    record ObserveSpec(String namespace, String name, String uid) implements Cleared {}

    /** Deletes the finished execution, because its {@code ttl.execution} is over. */
    record DeleteExecution(String namespace, String name, String uid) implements Cleared {}
}
