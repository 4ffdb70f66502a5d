package dev.corral.api.v1alpha1;

/** Why a condition stands as it does, and why a run ended. Part of the API: a reason is never renamed. */
public enum ConditionReason {
    /** Every permission asked for is granted by a policy. */
    GrantedByPolicy,
    /** A policy refuses something; the message names field, policy and remedy. */
    Denied,
    /** The plugin named by the execution does not exist (yet): create it, or correct the name. */
    PluginNotFound,
    /** The plugin has no handler of that name: correct {@code spec.handler}. */
    HandlerNotFound,
    /** A field of the execution or the plugin cannot be understood; the message names it. Or the execution leaves no room for its status. */
    Malformed,
    /** The input does not match the handler's schema; the message says where. */
    InputInvalid,
    /** The result does not match the handler's output schema; the message says where. */
    OutputInvalid,
    /** The source of the input or of a staged file failed, is gone, has expired or is too large; the message says which. */
    InputUnavailable,
    /** An execution whose artifact it takes has not ended yet, or does not exist yet. It waits as long as a start may take. */
    WaitingForArtifact,
    /** {@code mode: Plan}: everything was decided and nothing started. */
    Planned,
    /** As many executions run as a policy lets run at once; it waits for its turn. */
    ConcurrencyLimit,
    /** A ResourceQuota of the namespace has no room for the pod; it waits until there is. */
    QuotaExceeded,
    /** As many executions wait as a policy lets wait; the message names policy and field. Create it again later. */
    QueueFull,
    /** It waited for its turn for a day. */
    QueueTimedOut,
    /** {@code suspend: true}: set it to false to go on. */
    Suspended,
    /** The pod exists and is being started. */
    StartingPod,
    /** The launcher is proving the sandbox. */
    Proving,
    /** Every proof succeeded. */
    AllProven,
    /** A proof failed but the policy tolerates it. */
    Tolerated,
    /** A proof failed or is missing: nothing was started. See {@code status.enforcement}. */
    SandboxNotProven,
    /** The pod is claimed and the handler is being started or runs. */
    HandlerRunning,
    /** The handler is not running. */
    NotRunning,
    /** Exit code 0. */
    HandlerReturned,
    /** The handler ended with another exit code or by a signal. */
    HandlerFailed,
    /** The handler's program could not be executed: check {@code command} and the image. */
    HandlerNotStarted,
    /** The run took longer than its timeout and was ended. */
    TimedOut,
    /** The run used more memory than its limit. */
    MemoryExceeded,
    /** The run used more disk than its limit. */
    DiskExceeded,
    /** The run used more processor time than its budget. */
    CpuTimeExceeded,
    /** The artifacts are larger than the output limit. */
    OutputExceeded,
    /** {@code spec.cancel} or a deletion ended it. */
    Cancelled,
    /** A policy was withdrawn or tightened while it ran, and the run was given what is no longer granted. */
    PolicyRevoked,
    /** A network policy of somebody else opens what Corral keeps shut; the message names it. */
    NetworkWidened,
    /** The image cannot be pulled: check its digest, the registry and the policy's pull secrets. */
    ImageUnavailable,
    /** No node takes the pod: check quota, node selection and free resources. */
    Unschedulable,
    /** A Secret or key the execution names does not exist. */
    SecretUnavailable,
    /** The pod was not ready to run within the pending timeout. */
    StartTimedOut,
    /** The API server refused the pod (quota, admission); the message has its words. */
    PodRefused,
    /** Another object holds the name of the pod; it was not touched. */
    NameConflict,
    /** The node evicted or refused the pod, or it was preempted or drained. */
    Evicted,
    /** The pod or its session is gone without a report; plugin code may have run. */
    Lost,
    /** The launcher ended without running plugin code. */
    LauncherFailed,
    /** A plugin or policy can be used as it stands. */
    Valid,
    /** The policy's {@code expires} is over: it grants and denies nothing any more. */
    Expired,
    /** As many pods wait in the pool as are wanted. */
    PoolFull,
    /** The pool is being filled. */
    PoolFilling,
    /** Pods of the pool do not become ready; the message says why. */
    PoolFailing,
    /** A mistake of ours; the run was failed closed. */
    InternalError
}
