package dev.corral.operator.status;

import dev.corral.api.v1alpha1.ConditionReason;
import java.util.Map;

/** How a run ended: the reason, a sentence, details without values, and what the reader should do. */
public record Ending(ConditionReason reason, String message, Map<String, String> details) {
    public Ending {
        details = Map.copyOf(details);
    }

    public static Ending of(ConditionReason reason, String message) {
        return new Ending(reason, message, Map.of());
    }

    public boolean good() {
        return reason == ConditionReason.HandlerReturned || reason == ConditionReason.Planned;
    }

    /** The stable code in {@code status.error.code}; the runtime Corral grew from used the same families. */
    public String code() {
        return switch (reason) {
            case Denied -> "PERMISSION_DENIED";
            case TimedOut -> "TIMEOUT";
            case MemoryExceeded, DiskExceeded, OutputExceeded, CpuTimeExceeded -> "QUOTA_EXCEEDED";
            case PluginNotFound -> "PLUGIN_NOT_FOUND";
            case HandlerNotFound -> "HANDLER_NOT_FOUND";
            case Malformed, InputInvalid, OutputInvalid, InputUnavailable -> "VALIDATION_ERROR";
            case HandlerFailed -> "HANDLER_ERROR";
            case HandlerNotStarted -> "HANDLER_NOT_STARTED";
            case Cancelled -> "ABORTED";
            case PolicyRevoked -> "POLICY_REVOKED";
            case NetworkWidened -> "NETWORK_WIDENED";
            case ImageUnavailable -> "IMAGE_UNAVAILABLE";
            case SecretUnavailable -> "SECRET_UNAVAILABLE";
            case Unschedulable, StartTimedOut, PodRefused, NameConflict, QueueTimedOut -> "NOT_STARTED";
            case QueueFull -> "QUEUE_FULL";
            case SandboxNotProven -> "SANDBOX_NOT_PROVEN";
            case Evicted, Lost, LauncherFailed -> "WORKER_LOST";
            case InternalError,
                    GrantedByPolicy,
                    Planned,
                    ConcurrencyLimit,
                    QuotaExceeded,
                    Suspended,
                    WaitingForArtifact,
                    StartingPod,
                    Proving,
                    AllProven,
                    Tolerated,
                    HandlerRunning,
                    NotRunning,
                    HandlerReturned,
                    Valid,
                    Expired,
                    PoolFull,
                    PoolFilling,
                    PoolFailing -> "INTERNAL";
        };
    }

    /** What to do about it, in one sentence. */
    public String remediation() {
        return switch (reason) {
            case Denied ->
                "Send the message and status.plan.policy to an administrator, or ask for less; then create a new execution.";
            case TimedOut ->
                "Make the handler faster, or raise the timeout where status.effectivePermissions says it comes from.";
            case MemoryExceeded -> "Use less memory, or raise permissions.limits.memory within what policy allows.";
            case DiskExceeded -> "Write less below /work, or raise permissions.limits.disk within what policy allows.";
            case OutputExceeded ->
                "Write smaller artifacts, or raise permissions.limits.output within what policy allows.";
            case CpuTimeExceeded ->
                "Use less processor time, or raise permissions.limits.cpuTime within what policy allows.";
            case PluginNotFound -> "Create the plugin, or correct spec.plugin.";
            case HandlerNotFound -> "Correct spec.handler: the plugin lists its handlers.";
            case Malformed -> "Correct the field the message names.";
            case InputInvalid -> "Make the input match the handler's schema (kubectl get plugin -o yaml shows it).";
            case OutputInvalid -> "Make the handler's result match its output schema, or correct the schema.";
            case InputUnavailable ->
                "See the message: create or correct what spec.inputFrom or spec.files names, then create a new execution.";
            case HandlerFailed -> "Read status.logTail, or the pod's log with the kubectl line in the Events.";
            case HandlerNotStarted ->
                "Check the handler's command: the program must exist in the image and be executable.";
            case Cancelled -> "Nothing to do; create a new execution to run it again.";
            case PolicyRevoked ->
                "Ask the owner of the policy the message names; what the run left is kept in the store and not handed out.";
            case NetworkWidened ->
                "Change or delete the network policy the message names, or tolerate it by tolerateUnenforced: [network]; then create a new execution.";
            case ImageUnavailable -> "Check the image's digest, the registry, and the policy's imagePullSecrets.";
            case SecretUnavailable -> "Create the Secret and the keys that spec.secrets names.";
            case Unschedulable ->
                "Check the policy's placement, the nodes' free resources, and that the volume claims in spec.files exist.";
            case StartTimedOut -> "See the message for what it waited for.";
            case PodRefused -> "The API server's words are in the message: quota, Pod Security or an admission policy.";
            case QueueFull -> "Create it again when fewer wait, or ask the owner of the policy the message names.";
            case QueueTimedOut -> "See the message for what it waited for; create it again when that has room.";
            case NameConflict -> "Delete the foreign object the message names.";
            case SandboxNotProven ->
                "See status.enforcement for what was not proven; an administrator may tolerate it by tolerateUnenforced.";
            case Evicted -> "Run it again when the node has recovered; see the message for what the node lacked.";
            case Lost -> "Look at the pod's events and log; create a new execution to run it again.";
            case LauncherFailed ->
                "The launcher's last words are in the message; create a new execution to run it again.";
            case InternalError -> "This is a defect of Corral: please report it with the controller's log.";
            case GrantedByPolicy,
                    Planned,
                    ConcurrencyLimit,
                    QuotaExceeded,
                    Suspended,
                    WaitingForArtifact,
                    StartingPod,
                    Proving,
                    AllProven,
                    Tolerated,
                    HandlerRunning,
                    NotRunning,
                    HandlerReturned,
                    Valid,
                    Expired,
                    PoolFull,
                    PoolFilling,
                    PoolFailing -> "";
        };
    }
}
