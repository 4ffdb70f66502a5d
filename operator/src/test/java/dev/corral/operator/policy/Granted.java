package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;

import dev.corral.operator.permission.HostPattern;
import java.util.Collection;

/** What a run has that was granted just that, for tests of what is made of it. */
public final class Granted {
    private Granted() {}

    public static EffectivePermissions hosts(Collection<HostPattern> hosts) {
        return just(Wording.hosts(hosts.stream().map(HostPattern::toString).toArray(String[]::new)));
    }

    public static EffectivePermissions addresses(String... cidrs) {
        return just(Wording.cidrs(cidrs));
    }

    public static EffectivePermissions peers(String... peers) {
        return just(Wording.peers(peers));
    }

    private static EffectivePermissions just(Wording.Entry entry) {
        return aPluginAsking(entry).with(policy("just", entry)).granted();
    }
}
