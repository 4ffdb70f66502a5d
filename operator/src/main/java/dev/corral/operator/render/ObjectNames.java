package dev.corral.operator.render;

import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.policy.Sha256;

/** Names derived from uids and hashes, of fixed length: no tenant string ever becomes part of one. */
public final class ObjectNames {
    /** The deny-all policy of every namespace that runs plugins. */
    public static final String DEFAULT_DENY = "corral-default-deny";
    /** The account plugin pods run as; it may do nothing. */
    public static final String SERVICE_ACCOUNT = "corral-plugin";
    /** Prefix of every plugin pod; the admission guards match it. */
    public static final String POD_PREFIX = "pex-";

    private ObjectNames() {}

    /** One name per attempt, the same after every restart, so that a repeated create is a conflict and never a second pod. */
    public static String pod(RunIdentity run) {
        return POD_PREFIX + hash(run.uid() + "/" + run.attempt()).substring(0, 20);
    }

    public static String networkPolicy(String networkClass) {
        return "corral-class-" + networkClass;
    }

    /**
     * A numeric uid below 65536, since larger ones do not exist inside a user namespace; different pods get different ones,
     * because RLIMIT_NPROC counts per uid where user namespaces are off.
     */
    public static long uid(RunIdentity run) {
        return number(run.uid() + "/uid");
    }

    private static long number(String of) {
        return 10_000 + Math.floorMod(Long.parseUnsignedLong(hash(of).substring(0, 15), 16), 50_000L);
    }

    /** The name of a pod of a pool; {@code nonce} is never used twice. */
    public static String waitingPod(String poolUID, String nonce) {
        return POD_PREFIX + hash(poolUID + "/pool/" + nonce).substring(0, 20);
    }

    static long waitingUid(String poolUID, String nonce) {
        return number(poolUID + "/pool/" + nonce + "/uid");
    }

    /** Lower-case hex SHA-256. */
    public static String hash(String text) {
        return Sha256.hex(text);
    }
}
