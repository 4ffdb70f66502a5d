package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;

import dev.corral.operator.permission.HostPattern;
import java.util.Collection;

/** A run that was granted host names and nothing else, for tests of what is made of them. */
public final class HostsGranted {
    private HostsGranted() {}

    public static EffectivePermissions effective(Collection<HostPattern> hosts) {
        Wording.Entry entry =
                Wording.hosts(hosts.stream().map(HostPattern::toString).toArray(String[]::new));
        return aPluginAsking(entry).with(policy("hosts", entry)).granted();
    }
}
