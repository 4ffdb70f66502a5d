package dev.corral.operator.policy;

import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PermissionField;

/**
 * The one table of what this version enforces, and by what. A permission it cannot enforce is refused even where policies grant it;
 * a new field of the vocabulary does not compile until it is answered here.
 */
public sealed interface Enforceability {
    /** Enforced, and by what. */
    record By(String mechanism) implements Enforceability {}

    /** Not enforceable yet, and so refused when asked for. */
    record NotYet(String because) implements Enforceability {}

    static Enforceability of(PermissionField field) {
        return switch (field) {
            case FILES_READ, FILES_DENY -> new By("Landlock");
            case FILES_WRITE -> new By("Landlock, and only what matches is exported");
            case FILES_CLAIMS -> new By("volume: only the named and granted directories are mounted, read-only");
            case NETWORK_HOSTS, NETWORK_DENY_HOSTS ->
                new By("gateway, by CONNECT, SNI and Host; NetworkPolicy closes every other way");
            case NETWORK_CIDRS, NETWORK_PEERS, NETWORK_SERVICES -> new By("NetworkPolicy");
            case ENV -> new By("assignment: only granted variables are delivered");
            case SECRETS -> new By("volume: only granted keys are mounted");
            case COMMANDS -> new By("Landlock, and the launcher's system call filter");
            case INVOKE -> new NotYet("handlers cannot call other plugins yet");
            case ARTIFACTS_READ -> new By("gateway: only the named and granted artifacts are delivered");
            case EVENTS_PRODUCE -> new By("gateway: only granted topics are published");
            case EVENTS_CONSUME -> new NotYet("handlers cannot receive events yet");
            case STATE_READ, STATE_WRITE -> new NotYet("there is no plugin state yet");
            case CAPABILITIES -> new By("the grants a policy gives the name, each enforced as its own");
        };
    }

    static By of(LimitField field) {
        return switch (field) {
            case TIMEOUT -> new By("launcher's clock, and the controller's behind it");
            case MEMORY -> new By("cgroup, and the launcher a little below it");
            case CPU -> new By("cgroup");
            case CPU_TIME -> new By("launcher, from the cgroup; rlimit of each process behind it");
            case DISK -> new By("volume size limit, and the launcher a little below it");
            case PROCESSES -> new By("rlimit of the sandbox");
            case OUTPUT -> new By("launcher and gateway: bytes are counted as they are read");
            case EVENTS -> new By("gateway: events are counted per run");
        };
    }
}
