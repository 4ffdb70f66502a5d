package dev.corral.operator.policy;

import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Violation;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A PluginPolicy of the execution's namespace: it can only take away. No plugins named: it is about all of them. */
public record NamespaceRule(
        PolicyId id,
        Set<String> plugins,
        Optional<Permissions> limitTo,
        Permissions denies,
        Mode mode,
        List<Violation> problems) {
    public NamespaceRule {
        plugins = Set.copyOf(plugins);
        problems = List.copyOf(problems);
    }

    boolean counts() {
        return mode == Mode.ENFORCE;
    }

    boolean matches(Request request) {
        return plugins.isEmpty() || plugins.contains(request.pluginName().name());
    }
}
