package dev.corral.operator.policy;

import dev.corral.operator.permission.ArtifactPattern;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.policy.Request.PluginName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The artifacts an execution names, each judged against the plugin that really left it. While that is not decided there is only the
 * asking to judge: such an execution waits, and is judged again before anything starts.
 */
record NamedArtifacts(Request request, List<Ask> asks, List<ClusterRule> tier, List<NamespaceRule> narrowing) {
    private static final String ANY = "*";

    List<Denial> denials() {
        return request.artifacts().stream()
                .flatMap(named ->
                        notAsked(named).or(() -> named.producer().flatMap(plugin -> refused(named, plugin))).stream())
                .toList();
    }

    private Optional<Denial> refused(NamedArtifact named, PluginName plugin) {
        return denied(named, plugin).or(() -> notGranted(named, plugin)).or(() -> notListed(named, plugin));
    }

    private Optional<Denial> notAsked(NamedArtifact named) {
        ArtifactPattern exact =
                new ArtifactPattern(named.producer().map(PluginName::name).orElse(ANY), named.artifact());
        if (asks.stream().anyMatch(ask -> ask.item() instanceof ArtifactPattern pattern && pattern.overlaps(exact))) {
            return Optional.empty();
        }
        String author = request.plugin().author();
        Ask missing = new Ask(PermissionField.ARTIFACTS_READ, exact, author, named.path());
        return Optional.of(new Denial(
                named.path(),
                DenialReason.ArtifactNotAsked,
                "PluginExecution names " + named + ", which " + author + " does not ask for",
                Optional.empty(),
                "Leave it out, or " + author + " would have to ask for it with: permissions: "
                        + Remedy.yaml(List.of(missing))));
    }

    /** A deny by name is about plugins of the catalogue and of the namespace: it may take too much, never too little. */
    private Optional<Denial> denied(NamedArtifact named, PluginName plugin) {
        return Stream.concat(
                        tier.stream().flatMap(rule -> denied(named, plugin, rule.id(), rule.denies())),
                        narrowing.stream().flatMap(rule -> denied(named, plugin, rule.id(), rule.denies())))
                .findFirst();
    }

    private static Stream<Denial> denied(NamedArtifact named, PluginName plugin, PolicyId policy, Permissions denies) {
        return denies.artifactsRead().stream()
                .filter(deny -> deny.names(plugin.name(), named.artifact()))
                .map(deny -> new Denial(
                        named.path(),
                        DenialReason.DeniedByPolicy,
                        what(named) + ", which is denied by " + policy + " (" + Remedy.quoted(deny.toString()) + ")",
                        Optional.of(policy),
                        "Take another one, or have " + policy + " withdraw: denies: "
                                + Remedy.yaml(PermissionField.ARTIFACTS_READ, deny)));
    }

    private Optional<Denial> notGranted(NamedArtifact named, PluginName plugin) {
        if (tier.stream()
                .flatMap(rule -> rule.grants().artifactsRead().stream())
                .anyMatch(grant -> grant.grants(plugin.catalogue(), plugin.name(), named.artifact()))) {
            return Optional.empty();
        }
        return Optional.of(new Denial(
                named.path(),
                DenialReason.ArtifactNotGranted,
                what(named) + ", which is granted by no policy in " + request.namespace()
                        + (plugin.catalogue() ? "" : "; a grant by name is about ClusterPlugins"),
                Remedy.extended(tier),
                Remedy.extending(
                        tier,
                        request,
                        "grants: "
                                + yaml(new ArtifactPattern(
                                        plugin.catalogue() ? plugin.name() : ANY, named.artifact())))));
    }

    private Optional<Denial> notListed(NamedArtifact named, PluginName plugin) {
        return narrowing.stream()
                .filter(rule -> rule.limitTo().stream()
                        .anyMatch(limits -> limits.artifactsRead().stream()
                                .noneMatch(pattern -> pattern.names(plugin.name(), named.artifact()))))
                .findFirst()
                .map(rule -> new Denial(
                        named.path(),
                        DenialReason.NarrowedByNamespace,
                        what(named) + ", which " + rule.id() + " does not list",
                        Optional.of(rule.id()),
                        Remedy.extending(
                                rule.id(), "limitTo: " + yaml(new ArtifactPattern(plugin.name(), named.artifact())))));
    }

    private static String what(NamedArtifact named) {
        return "PluginExecution names " + named;
    }

    private static String yaml(ArtifactPattern pattern) {
        return Remedy.yaml(PermissionField.ARTIFACTS_READ, pattern);
    }
}
