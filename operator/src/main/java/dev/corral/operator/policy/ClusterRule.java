package dev.corral.operator.policy;

import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Violation;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A ClusterPluginPolicy. An empty selector selects everything; selectors that could not be read are left empty here and reported in
 * {@code problems}, so that a rule nobody understands refuses rather than stays silent. With a {@code capability} it is only about
 * executions that require that one, and what it grants is what the name means. {@code learns}: executions it is about may learn.
 */
public record ClusterRule(
        PolicyId id,
        boolean fallback,
        Optional<Instant> expires,
        Map<String, String> namespaceLabels,
        Set<String> plugins,
        List<ImagePattern> images,
        boolean allowTags,
        boolean learns,
        Permissions grants,
        Permissions denies,
        List<ServiceDefinition> services,
        PlacementGrant placement,
        SortedSet<String> pullSecrets,
        SortedSet<String> tolerateUnenforced,
        Mode mode,
        Optional<String> capability,
        List<Violation> problems) {

    public ClusterRule {
        namespaceLabels = Map.copyOf(namespaceLabels);
        plugins = Set.copyOf(plugins);
        images = List.copyOf(images);
        services = services.stream().sorted().distinct().toList();
        pullSecrets = Collections.unmodifiableSortedSet(new TreeSet<>(pullSecrets));
        tolerateUnenforced = Collections.unmodifiableSortedSet(new TreeSet<>(tolerateUnenforced));
        problems = List.copyOf(problems);
    }

    /** By namespace labels and by names an administrator chose, never by one a tenant chooses: a Plugin's name does not count. */
    boolean matches(Request request, Instant now) {
        return !isExpired(now)
                && request.namespaceLabels().entrySet().containsAll(namespaceLabels.entrySet())
                && (plugins.isEmpty()
                        || request.pluginName().catalogue()
                                && plugins.contains(request.pluginName().name()))
                && (capability.isEmpty() || request.requires(capability.get()))
                && (images.isEmpty() || images.stream().anyMatch(image -> image.matches(request.image())));
    }

    boolean counts() {
        return mode == Mode.ENFORCE;
    }

    /** Whether the item is within what it grants; the capability it defines is. */
    boolean grants(PermissionField field, Grantable item) {
        return grants.items(field).stream().anyMatch(grant -> grant.covers(item))
                || item instanceof CapabilityName(var name)
                        && capability.filter(name::equals).isPresent();
    }

    /** What an auditing rule could take away if it counted: its denies and limits, and nothing it would add. */
    ClusterRule asDeniesOnly() {
        return new ClusterRule(
                id,
                fallback,
                expires,
                namespaceLabels,
                plugins,
                images,
                false,
                false,
                Permissions.of(Map.of(), grants.limits()),
                denies,
                List.of(),
                PlacementGrant.ANYWHERE,
                Collections.emptySortedSet(),
                Collections.emptySortedSet(),
                Mode.ENFORCE,
                Optional.empty(),
                List.of());
    }

    /** How lines name it as the source of a grant. */
    String source() {
        return id + capability.map(name -> " (" + name + ")").orElse("");
    }

    /** From this moment on the rule does nothing at all, its denies included. */
    public boolean isExpired(Instant now) {
        return expires.isPresent() && !now.isBefore(expires.get());
    }
}
