package dev.corral.operator.policy;

import dev.corral.operator.permission.ArtifactPattern;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.policy.Request.PluginName;
import java.util.List;
import java.util.Optional;

/**
 * The artifacts an execution names, each judged against the plugin that really left it. While that is not decided there is only the
 * asking to judge: such an execution waits, and is judged again before anything starts. What a deny or a namespace takes away it takes
 * from the asking, whoever left the artifact.
 */
record NamedArtifacts(Request request, List<Ask> asks, List<ClusterRule> tier) {
    private static final String ANY = "*";

    List<Denial> denials() {
        return request.artifacts().stream()
                .flatMap(named ->
                        notAsked(named)
                                .or(() -> named.producer().flatMap(plugin -> notGranted(named, plugin)))
                                .stream())
                .toList();
    }

    private Optional<Denial> notAsked(NamedArtifact named) {
        ArtifactPattern exact =
                new ArtifactPattern(named.producer().map(PluginName::name).orElse(ANY), named.artifact());
        if (asks.stream().anyMatch(ask -> ask.item() instanceof ArtifactPattern pattern && pattern.overlaps(exact))) {
            return Optional.empty();
        }
        Ask missing =
                new Ask(PermissionField.ARTIFACTS_READ, exact, request.plugin().author(), named.path());
        return Optional.of(missing.notAsked(DenialReason.ArtifactNotAsked, "names " + named));
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
                "PluginExecution names " + named + ", which is granted by no policy in " + request.namespace()
                        + (plugin.catalogue() ? "" : "; a grant by name is about ClusterPlugins"),
                Remedy.extended(tier),
                Remedy.extending(
                        tier,
                        request,
                        "grants: "
                                + Remedy.yaml(
                                        PermissionField.ARTIFACTS_READ,
                                        new ArtifactPattern(
                                                plugin.catalogue() ? plugin.name() : ANY, named.artifact())))));
    }
}
