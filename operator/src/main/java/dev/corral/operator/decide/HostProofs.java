package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.operator.observe.Evidence;
import dev.corral.operator.policy.EffectivePermissions;
import java.util.List;

/**
 * What is proven of host names: the gateway connects to no others, and the handler has no way around it. The second half is the network
 * policy's; where that is not proven, host names are not either.
 */
final class HostProofs {
    static final String NEEDED = "network.hosts";

    private static final String GATEWAY = "gateway: CONNECT = SNI or Host, pinned public address";

    private HostProofs() {}

    static List<EnforcementStatus> rows(EffectivePermissions permissions, Evidence evidence, EnforcementState network) {
        if (permissions.hosts().isEmpty()) {
            return List.of();
        }
        String granted = permissions.hosts().size() + " granted, "
                + permissions.denyHosts().size() + " denied";
        Evidence.Restriction proxy = evidence.proxy();
        if (proxy == null || proxy.rules() == null) {
            return List.of(Proofs.unproven(
                    NEEDED,
                    GATEWAY,
                    evidence.launcher() == null ? "not started: no evidence yet" : "the launcher has no proxy"));
        }
        if (network == EnforcementState.NotEnforced) {
            return List.of(Proofs.unproven(
                    NEEDED, GATEWAY, "the network policy is not enforced: a handler can go around the proxy"));
        }
        if (proxy.partial() != null && !proxy.partial().isEmpty()) {
            return List.of(new EnforcementStatus(
                    NEEDED,
                    EnforcementState.Partial,
                    GATEWAY + "; NetworkPolicy",
                    granted,
                    String.join("; ", proxy.partial())));
        }
        return List.of(Proofs.enforced(
                NEEDED,
                GATEWAY + "; NetworkPolicy; Landlock ABI " + evidence.landlockAbi(),
                granted + "; TCP connects to " + proxy.rules() + " ports, the proxy's among them"));
    }
}
