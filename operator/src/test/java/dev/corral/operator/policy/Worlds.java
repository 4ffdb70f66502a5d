package dev.corral.operator.policy;

import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Section;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Request.PluginName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.domains.DomainContextBase;

/** Generated worlds: small, so that asks, grants and denies often meet, and generous, so that many are granted. */
class Worlds extends DomainContextBase {
    static final Permissions EVERYTHING = Wording.all(
            Wording.cidrs("0.0.0.0/0:*"),
            Wording.env("*"),
            Wording.peers("app=db:*"),
            Wording.services("db"),
            Wording.produce("*@v1"),
            Wording.secret("s"),
            Wording.capabilities("x"));

    /** The same as a policy may grant it: capabilities are defined, not granted. */
    static final Permissions GRANTABLE = Changes.without(EVERYTHING, new CapabilityName("x"));

    /** Everything a verdict depends on. */
    record World(Request request, List<ClusterRule> cluster, List<NamespaceRule> namespace) {
        Verdict verdict() {
            return new PolicySet(cluster, namespace).decide(request, Scene.EXCEPTED, Scene.NOW);
        }

        /** Whether some of what is effective may have come by a capability. */
        boolean expands(EffectivePermissions effective) {
            return counting(effective).stream()
                    .anyMatch(rule -> rule.capability().isPresent());
        }

        /** The cluster rules that matched. */
        List<ClusterRule> counting(EffectivePermissions effective) {
            return cluster.stream()
                    .filter(rule -> effective.refs().contains(rule.id()))
                    .toList();
        }

        World with(Request other) {
            return new World(other, cluster, namespace);
        }
    }

    @Provide
    Arbitrary<World> worlds() {
        return Combinators.combine(
                        requests(),
                        clusterRules().list().ofMinSize(1).ofMaxSize(3),
                        namespaceRules().list().ofMaxSize(2))
                .as((request, cluster, namespace) -> new World(request, unique(cluster), namespace));
    }

    /** Names are unique in a cluster, and the generator must not repeat one with other contents. */
    private static List<ClusterRule> unique(List<ClusterRule> rules) {
        Map<PolicyId, ClusterRule> byId = new TreeMap<>();
        rules.forEach(rule -> byId.putIfAbsent(rule.id(), rule));
        return List.copyOf(byId.values());
    }

    private Arbitrary<Request> requests() {
        return Combinators.combine(
                        asks(),
                        layers().optional(0.3),
                        layers().optional(0.3),
                        Arbitraries.of(
                                List.<SecretKeys>of(),
                                List.<SecretKeys>of(),
                                List.of(SecretKeys.of("s", "a")),
                                List.of(SecretKeys.of("s"))))
                .as((asked, handler, execution, secrets) -> new Request(
                        "team-a",
                        Map.of("tier", "docs", "kubernetes.io/metadata.name", "team-a"),
                        new PluginName(false, "check"),
                        ImageReference.parse("registry.example.org/a@" + Scene.DIGEST, "")
                                .orElseThrow(),
                        Layer.complete("Plugin/check", "spec.permissions", asked),
                        handler,
                        execution,
                        secrets,
                        List.of(),
                        OptionalLong.of(60_000),
                        List.of(),
                        List.of()));
    }

    @Provide
    Arbitrary<Layer> layers() {
        return Combinators.combine(
                        Arbitraries.of(Section.NETWORK, Section.ENV, Section.SECRETS, Section.EVENTS)
                                .set()
                                .ofMaxSize(3),
                        asks())
                .as((sections, permissions) -> {
                    Set<Section> stated = EnumSet.noneOf(Section.class);
                    stated.addAll(sections);
                    return Layer.of("PluginExecution", "spec.permissions", stated, permissions);
                });
    }

    @Provide
    Arbitrary<ClusterRule> clusterRules() {
        return Combinators.combine(
                        Arbitraries.of("p", "q", "r", "s"),
                        Arbitraries.frequency(Tuple.of(4, false), Tuple.of(1, true)),
                        Arbitraries.frequency(Tuple.of(4, "docs"), Tuple.of(1, "other")),
                        grants(),
                        denies(),
                        Arbitraries.frequency(Tuple.of(6, Mode.ENFORCE), Tuple.of(1, Mode.AUDIT)),
                        Arbitraries.frequency(Tuple.of(5, Optional.<String>empty()), Tuple.of(1, Optional.of("x"))))
                .as((name, fallback, tier, grants, denies, mode, capability) -> new ClusterRule(
                        new PolicyId("ClusterPluginPolicy", name, "u", 1),
                        fallback,
                        Optional.empty(),
                        Map.of("tier", tier),
                        Set.of(),
                        List.of(),
                        false,
                        name.equals("p") || name.equals("q"),
                        grants,
                        denies,
                        List.of(new ServiceDefinition(
                                "db", "data", new TreeMap<>(Map.of("app", "db")), List.of(Ports.tcp(5432)))),
                        PlacementGrant.ANYWHERE,
                        new TreeSet<>(),
                        new TreeSet<>(),
                        mode,
                        capability,
                        List.of()));
    }

    @Provide
    Arbitrary<NamespaceRule> namespaceRules() {
        return Combinators.combine(grants().optional(0.5), denies(), Arbitraries.of("m", "n"))
                .as((limitTo, denies, name) -> new NamespaceRule(
                        new PolicyId("PluginPolicy", name, "u", 1),
                        Set.of(),
                        limitTo,
                        denies,
                        Mode.ENFORCE,
                        List.of()));
    }

    @Provide
    Arbitrary<Permissions> permissions() {
        return asks();
    }

    /** Narrow items, few of them: so that a fair share of the worlds is granted. */
    private Arbitrary<Permissions> asks() {
        return Combinators.combine(
                        permissions(
                                List.of("203.0.113.7/32:80", "203.0.113.0/24:80", "10.0.0.0/8:80"),
                                List.of("AA", "A*", "B"),
                                3),
                        Arbitraries.frequency(
                                Tuple.of(5, Permissions.NONE), Tuple.of(1, Wording.all(Wording.capabilities("x")))))
                .as((asked, capabilities) -> Changes.joined(asked, capabilities));
    }

    private Arbitrary<Permissions> grants() {
        return Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(GRANTABLE)),
                Tuple.of(
                        1,
                        permissions(
                                List.of("203.0.113.0/24:*", "0.0.0.0/0:*", "203.0.113.7/32:80"),
                                List.of("*", "A*", "B"),
                                6)));
    }

    private Arbitrary<Permissions> denies() {
        return Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(Permissions.NONE)),
                Tuple.of(
                        1,
                        permissions(
                                        List.of("203.0.113.7/32:80", "203.0.113.0/25:1-79", "10.1.0.0/16:80"),
                                        List.of("AB", "C*"),
                                        2)
                                .map(Wording::denied)));
    }

    private static Arbitrary<Permissions> permissions(List<String> cidrs, List<String> names, int most) {
        List<Wording.Entry> entries = new ArrayList<>();
        cidrs.forEach(text -> entries.add(Wording.cidrs(text)));
        names.forEach(text -> entries.add(Wording.env(text)));
        entries.addAll(List.of(
                Wording.peers("app=db:5432"),
                Wording.services("db"),
                Wording.produce("check.*@v1"),
                Wording.secret("s", "a"),
                Wording.secret("s")));
        Arbitrary<Wording.Entry> limits = Combinators.combine(
                        Arbitraries.of(LimitField.TIMEOUT, LimitField.MEMORY, LimitField.EVENTS),
                        Arbitraries.longs().between(1, 9))
                .as(Wording::limit);
        return Arbitraries.frequencyOf(Tuple.of(6, Arbitraries.of(entries)), Tuple.of(1, limits))
                .list()
                .ofMaxSize(most)
                .map(list -> Wording.all(list.toArray(Wording.Entry[]::new)));
    }
}
