package dev.corral.operator.policy;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Section;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Request.PluginName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The smallest world in which something can be decided: one plugin of team-a, and policies to be added. */
final class Scene {
    static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    static final String DIGEST = "sha256:" + "4f".repeat(32);
    static final AlwaysExcepted EXCEPTED = AlwaysExcepted.with(List.of(CidrBlock.of("10.96.0.0/12")));

    Map<String, String> namespaceLabels = Map.of("tier", "docs");
    PluginName pluginName = new PluginName(false, "link-checker");
    String image = "registry.example.org/team/link-checker@" + DIGEST;
    Permissions plugin = Permissions.NONE;
    Optional<Layer> handler = Optional.empty();
    Optional<Layer> execution = Optional.empty();
    List<SecretKeys> secrets = List.of();
    List<String> envNames = List.of();
    OptionalLong timeout = OptionalLong.empty();
    List<NamedArtifact> artifacts = List.of();
    List<NamedClaim> claims = List.of();
    final List<ClusterRule> clusterRules = new ArrayList<>();
    final List<NamespaceRule> namespaceRules = new ArrayList<>();

    static Scene aPluginAsking(Wording.Entry... entries) {
        Scene scene = new Scene();
        scene.plugin = Wording.all(entries);
        return scene;
    }

    Scene with(Rule... rules) {
        for (Rule rule : rules) {
            clusterRules.add(rule.build());
        }
        return this;
    }

    Scene with(NamespaceRule... rules) {
        namespaceRules.addAll(List.of(rules));
        return this;
    }

    Scene handlerNarrowing(Set<Section> stated, Wording.Entry... entries) {
        handler = Optional.of(
                Layer.of("Plugin/link-checker", "spec.handlers[0].permissions", stated, Wording.all(entries)));
        return this;
    }

    Scene executionNarrowing(Set<Section> stated, Wording.Entry... entries) {
        execution = Optional.of(Layer.of("PluginExecution", "spec.permissions", stated, Wording.all(entries)));
        return this;
    }

    Scene naming(SecretKeys... named) {
        secrets = List.of(named);
        return this;
    }

    /** The execution takes these as files; each is left by the plugin it comes with. */
    Scene taking(NamedArtifact... named) {
        artifacts = List.of(named);
        return this;
    }

    /** The execution names these directories of claims. */
    Scene mounting(String... directories) {
        claims = Stream.of(directories)
                .map(text -> new NamedClaim(
                        "spec.files[0].claim", ClaimPaths.parse(text, "").orElseThrow()))
                .toList();
        return this;
    }

    Scene setting(String... names) {
        envNames = List.of(names);
        return this;
    }

    Request request() {
        return new Request(
                "team-a",
                namespaceLabels,
                pluginName,
                ImageReference.parse(image, "").orElseThrow(),
                Layer.complete(pluginName.toString(), "spec.permissions", plugin),
                handler,
                execution,
                secrets,
                envNames,
                timeout,
                artifacts,
                claims);
    }

    Verdict verdict() {
        return new PolicySet(clusterRules, namespaceRules).decide(request(), EXCEPTED, NOW);
    }

    Verdict learning() {
        return new PolicySet(clusterRules, namespaceRules).decideLearning(request(), EXCEPTED, NOW);
    }

    EffectivePermissions granted() {
        return granted(verdict());
    }

    static EffectivePermissions granted(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Granted(EffectivePermissions effective, List<String> audited) -> effective;
            case Verdict.Denied(List<Denial> denials) -> throw new AssertionError("denied: " + denials);
        };
    }

    List<Denial> denied() {
        return switch (verdict()) {
            case Verdict.Granted(EffectivePermissions effective, List<String> audited) ->
                throw new AssertionError("granted: " + effective);
            case Verdict.Denied(List<Denial> denials) -> denials;
        };
    }

    List<DenialReason> reasons() {
        return denied().stream().map(Denial::reason).toList();
    }

    static Rule policy(String name, Wording.Entry... grants) {
        return new Rule(name, Wording.all(grants));
    }

    static NamespaceRule limitedTo(String name, Wording.Entry... limitTo) {
        return new NamespaceRule(
                new PolicyId("PluginPolicy", name, "uid-" + name, 1),
                Set.of(),
                Optional.of(Wording.all(limitTo)),
                Permissions.NONE,
                Mode.ENFORCE,
                List.of());
    }

    static NamespaceRule denying(String name, Wording.Entry... denies) {
        return new NamespaceRule(
                new PolicyId("PluginPolicy", name, "uid-" + name, 1),
                Set.of(),
                Optional.empty(),
                Wording.denied(Wording.all(denies)),
                Mode.ENFORCE,
                List.of());
    }

    static Set<Section> sections(Section... sections) {
        Set<Section> stated = EnumSet.noneOf(Section.class);
        stated.addAll(List.of(sections));
        return stated;
    }

    /** A ClusterPluginPolicy in the making. */
    static final class Rule {
        private final String name;
        private final Permissions grants;
        Permissions denies = Permissions.NONE;
        boolean fallback;
        Optional<Instant> expires = Optional.empty();
        Map<String, String> namespaceLabels = Map.of();
        Set<String> plugins = Set.of();
        List<ImagePattern> images = List.of();
        boolean allowTags;
        boolean learns;
        List<ServiceDefinition> services = List.of();
        PlacementGrant placement = PlacementGrant.ANYWHERE;
        Set<String> pullSecrets = Set.of();
        Set<String> tolerated = Set.of();
        Mode mode = Mode.ENFORCE;
        Optional<String> capability = Optional.empty();
        List<Violation> problems = List.of();

        Rule(String name, Permissions grants) {
            this.name = name;
            this.grants = grants;
        }

        Rule denying(Wording.Entry... entries) {
            denies = Wording.denied(Wording.all(entries));
            return this;
        }

        Rule fallback() {
            fallback = true;
            return this;
        }

        Rule expiring(Instant at) {
            expires = Optional.of(at);
            return this;
        }

        Rule inNamespacesLabelled(String key, String value) {
            namespaceLabels = Map.of(key, value);
            return this;
        }

        Rule forCataloguePlugins(String... names) {
            plugins = Set.of(names);
            return this;
        }

        Rule forImages(String... patterns) {
            images = List.of(patterns).stream()
                    .map(text -> ImagePattern.parse(text, "").orElseThrow())
                    .toList();
            return this;
        }

        Rule defining(ServiceDefinition... definitions) {
            services = List.of(definitions);
            return this;
        }

        Rule placing(PlacementGrant where) {
            placement = where;
            return this;
        }

        Rule unreadable(Violation... violations) {
            problems = List.of(violations);
            return this;
        }

        Rule auditing() {
            mode = Mode.AUDIT;
            return this;
        }

        Rule definingCapability(String name) {
            capability = Optional.of(name);
            return this;
        }

        Rule allowingTags() {
            allowTags = true;
            return this;
        }

        Rule allowingToLearn() {
            learns = true;
            return this;
        }

        ClusterRule build() {
            return new ClusterRule(
                    new PolicyId("ClusterPluginPolicy", name, "uid-" + name, 1),
                    fallback,
                    expires,
                    namespaceLabels,
                    plugins,
                    images,
                    allowTags,
                    learns,
                    grants,
                    denies,
                    services,
                    placement,
                    new TreeSet<>(pullSecrets),
                    new TreeSet<>(tolerated),
                    mode,
                    capability,
                    problems);
        }
    }
}
