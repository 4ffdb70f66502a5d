package dev.corral.operator.observe;

import java.time.Instant;

/** What the pod of an attempt is seen to be doing. */
public sealed interface Observation {
    /** There is no such pod. */
    record Absent() implements Observation {}

    /** The pod is not ready to be claimed; {@code detail} is for people. */
    record Waiting(WaitCause cause, String detail) implements Observation {}

    /** The launcher proved its sandbox and waits for a claim. */
    record Ready(String session, Evidence evidence, Instant since) implements Observation {}

    /** The container runs. */
    record Running() implements Observation {}

    /** The container ended; {@code message} is the termination message, display text until its seal is checked. */
    record Exited(ExitCause cause, int exitCode, String message, Instant at) implements Observation {}

    /** The pod is there but its node is not. */
    record Lost(String detail) implements Observation {}

    /** Why a pod is not ready yet. */
    enum WaitCause {
        /** No node yet. */
        Unscheduled,
        /** The scheduler says no node fits. */
        Unschedulable,
        /** The image cannot be pulled. */
        Image,
        /** A Secret or a key of it is missing. */
        Secret,
        /** The container is being created. */
        Creating,
        /** The container, or a volume it mounts, cannot be created; the kubelet tries again. */
        Uncreatable,
        /** The launcher published a proof that failed. */
        Unproven
    }

    /** How the container ended, as far as the kubelet can tell. */
    enum ExitCause {
        /** By itself, or by the launcher. */
        Exit,
        /** The kernel's OOM killer. */
        OutOfMemory,
        /** The kubelet, because of disk use. */
        DiskEviction,
        /** Eviction for other reasons, preemption, drain. */
        Disruption,
        /** The kubelet did not take the pod. */
        Refusal,
        /** {@code activeDeadlineSeconds}. */
        Deadline
    }
}
