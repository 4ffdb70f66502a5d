package dev.corral.operator.render;

import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.permission.Protocol;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.FileAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the launcher is told of the sandbox class, as one compact JSON object in {@link #VARIABLE}: the same for all pods of a class,
 * nothing of a single run. A key that is absent leaves the launcher as it is without it; one it does not know makes it refuse to start.
 */
final class SandboxSettings {
    static final String VARIABLE = "CORRAL_SANDBOX";

    /** Where the handler's proxy listens, on loopback. */
    private static final int PROXY_PORT = 3128;

    private static final int MOST_PORTS = 512;

    private SandboxSettings() {}

    /** Empty when there is nothing to say. */
    static Optional<String> of(EffectivePermissions effective) {
        FileAccess access = effective.files();
        List<String> keys = new ArrayList<>();
        if (access.restrictsFiles()) {
            List<String> files = new ArrayList<>();
            access.read().ifPresent(globs -> files.add(list("read", globs)));
            access.write().ifPresent(globs -> files.add(list("write", globs)));
            addUnlessEmpty(files, "deny", access.deny());
            addUnlessEmpty(files, "denyWrite", access.denyWrite());
            keys.add("\"files\":" + object(files));
        }
        if (access.restrictsCommands()) {
            List<String> commands = new ArrayList<>();
            access.commands().ifPresent(globs -> commands.add(list("allow", globs)));
            addUnlessEmpty(commands, "deny", access.denyCommands());
            keys.add("\"commands\":" + object(commands));
        }
        if (!effective.hosts().isEmpty()) {
            keys.add("\"proxy\":" + object(proxy(effective)));
        }
        if (effective.learns()) {
            keys.add("\"learn\":true");
        }
        return keys.isEmpty() ? Optional.empty() : Optional.of(object(keys));
    }

    private static List<String> proxy(EffectivePermissions effective) {
        List<String> proxy = new ArrayList<>();
        proxy.add("\"port\":" + PROXY_PORT);
        proxy.add("\"tunnel\":" + Installation.TUNNEL_PORT);
        SortedSet<Ports> ports = new TreeSet<>();
        effective.cidrs().forEach(rule -> ports.add(rule.grant().ports()));
        effective.peers().forEach(peer -> ports.add(peer.ports()));
        effective.services().forEach(service -> ports.addAll(service.ports()));
        ports.removeIf(range -> range.protocol() != Protocol.TCP);
        // each port is a rule in the kernel; where more are granted, the network policy alone has to do
        if (ports.stream().mapToInt(range -> range.to() - range.from() + 1).sum() <= MOST_PORTS) {
            proxy.add(ports.stream()
                    .map(range -> "\"" + range + "\"")
                    .collect(Collectors.joining(",", "\"connect\":[", "]")));
        }
        LoopbackNames names = LoopbackNames.of(effective);
        if (!names.names().isEmpty()) {
            proxy.add("\"aliases\":" + names.json());
        }
        if (!effective.cidrs().isEmpty()) { // these are reached without the proxy
            proxy.add(effective.cidrs().stream()
                    .map(rule -> "\"" + rule.grant().block() + "\"")
                    .distinct()
                    .collect(Collectors.joining(",", "\"direct\":[", "]")));
        }
        return proxy;
    }

    private static void addUnlessEmpty(List<String> members, String key, List<PathGlob> globs) {
        if (!globs.isEmpty()) {
            members.add(list(key, globs));
        }
    }

    private static String object(List<String> members) {
        return "{" + String.join(",", members) + "}";
    }

    /** Globs have neither backslashes nor characters that do not print; the kubelet would expand {@code $(NAME)} in a value. */
    private static String list(String key, List<PathGlob> globs) {
        return globs.stream()
                .map(glob -> "\"" + glob.toString().replace("\"", "\\\"").replace("$", "\\u0024") + "\"")
                .collect(Collectors.joining(",", "\"" + key + "\":[", "]"));
    }
}
