package dev.corral.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Section;
import dev.corral.operator.permission.ServiceName;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Request.PluginName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/** What holds whatever people write. The generated worlds are small, so that asks, grants and denies often meet. */
class PolicyLaws {
    private static final int TRIES = 200;

    /** Everything a verdict depends on. */
    record World(Request request, List<ClusterRule> cluster, List<NamespaceRule> namespace) {
        Verdict verdict() {
            return new PolicySet(cluster, namespace).decide(request, Scene.EXCEPTED, Scene.NOW);
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

    @Property(tries = TRIES)
    void orderNeverMatters(@ForAll("worlds") World world, @ForAll Random random) {
        World shuffled = new World(world.request, shuffled(world.cluster, random), shuffled(world.namespace, random));
        assertThat(shuffled.verdict()).isEqualTo(world.verdict());
        Statistics.collect(world.verdict().getClass().getSimpleName());
    }

    @Property(tries = TRIES)
    void orderInsideObjectsChangesNeitherVerdictNorHash(@ForAll("worlds") World world, @ForAll Random random) {
        Request request = world.request;
        Request reordered = withPlugin(request, shuffled(request.plugin().permissions(), random));
        List<ClusterRule> rules = world.cluster.stream()
                .map(rule -> withGrants(rule, shuffled(rule.grants(), random)))
                .toList();
        Verdict before = world.verdict();
        Verdict after = new World(reordered, rules, world.namespace).verdict();
        if (before instanceof Verdict.Granted(EffectivePermissions effective)) {
            assertThat(after).isEqualTo(before);
            assertThat(((Verdict.Granted) after).effective().hash()).isEqualTo(effective.hash());
        } else {
            assertThat(after).isInstanceOf(Verdict.Denied.class);
        }
    }

    @Property(tries = TRIES)
    void sayingARuleTwiceChangesNothing(@ForAll("worlds") World world) {
        List<ClusterRule> twice = new ArrayList<>(world.cluster);
        twice.addAll(world.cluster);
        List<NamespaceRule> namespaceTwice = new ArrayList<>(world.namespace);
        namespaceTwice.addAll(world.namespace);
        Verdict before = world.verdict();
        Verdict after = new World(world.request, twice, namespaceTwice).verdict();
        assertNotWider(before, after);
        assertNotWider(after, before);
    }

    @Property(tries = TRIES)
    void whatIsEffectiveWasAskedAndGranted(@ForAll("worlds") World world) {
        if (world.verdict() instanceof Verdict.Granted(EffectivePermissions effective)) {
            for (Grantable item : items(effective)) {
                assertThat(world.request.layers().getFirst().permissions())
                        .satisfies(plugin ->
                                assertThat(coveredBy(List.of(plugin), item)).isTrue());
                assertThat(coveredBy(
                                world.counting(effective).stream()
                                        .map(ClusterRule::grants)
                                        .toList(),
                                item))
                        .isTrue();
            }
        }
    }

    @Property(tries = TRIES)
    void aNamespacePolicyNeverWidens(@ForAll("worlds") World world, @ForAll("namespaceRules") NamespaceRule rule) {
        List<NamespaceRule> more = new ArrayList<>(world.namespace);
        more.add(rule);
        assertNotWider(world.verdict(), new World(world.request, world.cluster, more).verdict());
    }

    @Property(tries = TRIES)
    void removingAGrantNeverWidens(@ForAll("worlds") World world, @ForAll Random random) {
        List<ClusterRule> fewer = world.cluster.stream()
                .map(rule -> withGrants(rule, without(rule.grants(), random)))
                .toList();
        assertNotWider(world.verdict(), new World(world.request, fewer, world.namespace).verdict());
    }

    @Property(tries = TRIES)
    void addingADenyNeverWidens(@ForAll("worlds") World world, @ForAll("permissions") Permissions denies) {
        List<ClusterRule> denying = world.cluster.stream()
                .map(rule -> withDenies(rule, joined(rule.denies(), denies)))
                .toList();
        assertNotWider(world.verdict(), new World(world.request, denying, world.namespace).verdict());
    }

    @Property(tries = TRIES)
    void aDenyAlwaysWins(@ForAll("worlds") World world) {
        if (world.verdict() instanceof Verdict.Granted(EffectivePermissions effective)) {
            List<Grantable> denies = new ArrayList<>();
            world.counting(effective).forEach(rule -> denies.addAll(items(rule.denies())));
            world.namespace.forEach(rule -> denies.addAll(items(rule.denies())));
            for (Grantable deny : denies) {
                assertThat(items(effective)).noneMatch(item -> !(item instanceof CidrGrant) && deny.overlaps(item));
                assertThat(effective.cidrs()).noneMatch(rule -> opens(rule, deny));
            }
        }
    }

    private static boolean opens(CidrRule rule, Grantable deny) {
        return deny instanceof CidrGrant denied
                && denied.overlaps(rule.grant())
                && rule.except().stream().noneMatch(except -> except.contains(denied.block()));
    }

    @Property(tries = TRIES)
    void aNarrowingExecutionNeverWidens(@ForAll("worlds") World world, @ForAll("layers") Layer narrowing) {
        Request free = withExecution(world.request, Optional.empty());
        Request narrowed = withExecution(world.request, Optional.of(narrowing));
        // an execution may escape a refusal by asking for less; but whatever both are granted, it has no more of
        if (world.with(free).verdict() instanceof Verdict.Granted) {
            assertNotWider(world.with(free).verdict(), world.with(narrowed).verdict());
        }
    }

    @Property(tries = TRIES)
    void limitsAreNeverAboveAnyLayer(@ForAll("worlds") World world) {
        if (world.verdict() instanceof Verdict.Granted(EffectivePermissions effective)) {
            List<Budget> layers = new ArrayList<>();
            world.request
                    .layers()
                    .forEach(layer -> layers.add(layer.permissions().limits()));
            world.counting(effective).forEach(rule -> layers.add(rule.grants().limits()));
            world.namespace.forEach(rule -> rule.limitTo().ifPresent(limitTo -> layers.add(limitTo.limits())));
            for (LimitField field : LimitField.values()) {
                OptionalLong least = layers.stream()
                        .map(layer -> layer.get(field))
                        .filter(OptionalLong::isPresent)
                        .mapToLong(OptionalLong::getAsLong)
                        .min();
                effective
                        .limits()
                        .get(field)
                        .ifPresent(value -> assertThat(value).isLessThanOrEqualTo(least.orElse(Long.MAX_VALUE)));
            }
        }
    }

    @Property(tries = TRIES)
    void anExpiredRuleIsAsGoodAsNone(@ForAll("worlds") World world, @ForAll("clusterRules") ClusterRule rule) {
        List<ClusterRule> more = new ArrayList<>(world.cluster);
        more.add(expired(rule));
        assertThat(new World(world.request, more, world.namespace).verdict()).isEqualTo(world.verdict());
    }

    // --- what wider means

    /** Denied is the narrowest; of two grants, every item and address of the narrower must be within the wider. */
    private static void assertNotWider(Verdict wider, Verdict narrower) {
        if (!(narrower instanceof Verdict.Granted(EffectivePermissions few))) {
            return;
        }
        assertThat(wider).as("nothing was granted before").isInstanceOf(Verdict.Granted.class);
        EffectivePermissions many = ((Verdict.Granted) wider).effective();
        for (Grantable item : items(few)) {
            assertThat(items(many)).as("%s", item).anyMatch(other -> other.covers(item));
        }
        for (CidrRule rule : few.cidrs()) {
            assertThat(many.cidrs())
                    .as("%s", rule)
                    .anyMatch(other -> other.grant().covers(rule.grant())
                            && other.except().stream()
                                    .allMatch(block ->
                                            !block.overlaps(rule.grant().block())
                                                    || rule.except().stream().anyMatch(own -> own.contains(block))));
        }
        for (LimitField field : LimitField.values()) {
            many.limits()
                    .get(field)
                    .ifPresent(most ->
                            assertThat(few.limits().get(field).orElseThrow()).isLessThanOrEqualTo(most));
        }
        assertThat(many.services()).containsAll(few.services());
    }

    private static List<Grantable> items(EffectivePermissions effective) {
        List<Grantable> items = new ArrayList<>();
        effective.cidrs().forEach(rule -> items.add(rule.grant()));
        items.addAll(effective.peers());
        effective.services().forEach(service -> items.add(new ServiceName(service.name())));
        items.addAll(effective.env());
        items.addAll(effective.secrets());
        items.addAll(effective.produce());
        return items;
    }

    private static List<Grantable> items(Permissions permissions) {
        List<Grantable> items = new ArrayList<>();
        for (PermissionField field : PermissionField.values()) {
            items.addAll(permissions.items(field));
        }
        return items;
    }

    private static boolean coveredBy(List<Permissions> layers, Grantable item) {
        if (item instanceof SecretKeys secret && secret.keys().size() > 1) {
            return secret.keys().stream().allMatch(key -> coveredBy(layers, SecretKeys.of(secret.name(), key)));
        }
        return layers.stream().flatMap(layer -> items(layer).stream()).anyMatch(grant -> grant.covers(item));
    }

    // --- changed copies

    private static <T> List<T> shuffled(List<T> list, Random random) {
        List<T> copy = new ArrayList<>(list);
        Collections.shuffle(copy, random);
        return copy;
    }

    private static Map<PermissionField, List<Grantable>> lists(Permissions permissions) {
        Map<PermissionField, List<Grantable>> items = new EnumMap<>(PermissionField.class);
        for (PermissionField field : PermissionField.values()) {
            items.put(field, new ArrayList<>(permissions.items(field)));
        }
        return items;
    }

    private static Permissions shuffled(Permissions permissions, Random random) {
        Map<PermissionField, List<Grantable>> items = lists(permissions);
        items.values().forEach(list -> Collections.shuffle(list, random));
        return Permissions.of(items, permissions.limits());
    }

    private static Permissions without(Permissions permissions, Random random) {
        Map<PermissionField, List<Grantable>> items = lists(permissions);
        items.values().forEach(list -> list.removeIf(item -> random.nextInt(3) == 0));
        return Permissions.of(items, permissions.limits());
    }

    private static Permissions joined(Permissions one, Permissions other) {
        Map<PermissionField, List<Grantable>> items = lists(one);
        lists(other).forEach((field, list) -> items.get(field).addAll(list));
        return Permissions.of(items, one.limits());
    }

    private static ClusterRule withGrants(ClusterRule r, Permissions grants) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                r.expires(),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                grants,
                r.denies(),
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                r.problems());
    }

    private static ClusterRule withDenies(ClusterRule r, Permissions denies) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                r.expires(),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                r.grants(),
                denies,
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                r.problems());
    }

    private static ClusterRule expired(ClusterRule r) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                Optional.of(Scene.NOW),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                r.grants(),
                r.denies(),
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                r.problems());
    }

    private static Request withPlugin(Request r, Permissions permissions) {
        return new Request(
                r.namespace(),
                r.namespaceLabels(),
                r.pluginName(),
                r.image(),
                Layer.complete(r.plugin().author(), r.plugin().path(), permissions),
                r.handler(),
                r.execution(),
                r.secrets(),
                r.envNames(),
                r.timeoutMillis(),
                r.inputFromArtifact());
    }

    private static Request withExecution(Request r, Optional<Layer> execution) {
        return new Request(
                r.namespace(),
                r.namespaceLabels(),
                r.pluginName(),
                r.image(),
                r.plugin(),
                r.handler(),
                execution,
                r.secrets(),
                r.envNames(),
                r.timeoutMillis(),
                r.inputFromArtifact());
    }

    // --- generated worlds

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
                        Map.of("tier", "docs"),
                        new PluginName(false, "check"),
                        ImageReference.parse("registry.example.org/a@" + Scene.DIGEST, "")
                                .orElseThrow(),
                        Layer.complete("Plugin/check", "spec.permissions", asked),
                        handler,
                        execution,
                        secrets,
                        List.of(),
                        OptionalLong.of(60_000),
                        false));
    }

    @Provide
    Arbitrary<Layer> layers() {
        return Combinators.combine(Arbitraries.of(Section.class).set().ofMaxSize(3), asks())
                .as((sections, permissions) -> {
                    Set<Section> stated = EnumSet.noneOf(Section.class);
                    stated.addAll(sections);
                    return new Layer("PluginExecution", "spec.permissions", stated, permissions);
                });
    }

    @Provide
    Arbitrary<ClusterRule> clusterRules() {
        return Combinators.combine(
                        Arbitraries.of("p", "q", "r", "s"),
                        Arbitraries.frequency(Tuple.of(4, false), Tuple.of(1, true)),
                        Arbitraries.frequency(Tuple.of(4, "docs"), Tuple.of(1, "other")),
                        grants(),
                        denies())
                .as((name, fallback, tier, grants, denies) -> new ClusterRule(
                        new PolicyId("ClusterPluginPolicy", name, "u", 1),
                        fallback,
                        Optional.empty(),
                        Map.of("tier", tier),
                        Set.of(),
                        List.of(),
                        false,
                        grants,
                        denies,
                        List.of(new ServiceDefinition(
                                "db", "data", new TreeMap<>(Map.of("app", "db")), List.of(Ports.tcp(5432)))),
                        PlacementGrant.ANYWHERE,
                        new TreeSet<>(),
                        new TreeSet<>(),
                        List.of()));
    }

    @Provide
    Arbitrary<NamespaceRule> namespaceRules() {
        return Combinators.combine(grants().optional(0.5), denies(), Arbitraries.of("m", "n"))
                .as((limitTo, denies, name) -> new NamespaceRule(
                        new PolicyId("PluginPolicy", name, "u", 1), Set.of(), limitTo, denies, List.of()));
    }

    @Provide
    Arbitrary<Permissions> permissions() {
        return asks();
    }

    /** Narrow items, few of them: so that a fair share of the worlds is granted. */
    private Arbitrary<Permissions> asks() {
        return permissions(
                List.of("203.0.113.7/32:80", "203.0.113.0/24:80", "10.0.0.0/8:80"), List.of("AA", "A*", "B"), 2);
    }

    private Arbitrary<Permissions> grants() {
        return permissions(List.of("203.0.113.0/24:*", "0.0.0.0/0:*", "203.0.113.7/32:80"), List.of("*", "A*", "B"), 6);
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
                                .map(permissions -> Permissions.of(lists(permissions), Budget.UNLIMITED))));
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
