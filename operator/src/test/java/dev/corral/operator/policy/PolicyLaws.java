package dev.corral.operator.policy;

import static dev.corral.operator.policy.Changes.auditing;
import static dev.corral.operator.policy.Changes.defining;
import static dev.corral.operator.policy.Changes.expired;
import static dev.corral.operator.policy.Changes.joined;
import static dev.corral.operator.policy.Changes.shuffled;
import static dev.corral.operator.policy.Changes.withDenies;
import static dev.corral.operator.policy.Changes.withExecution;
import static dev.corral.operator.policy.Changes.withGrants;
import static dev.corral.operator.policy.Changes.withPlugin;
import static dev.corral.operator.policy.Changes.without;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.ArtifactPattern;
import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.ServiceName;
import dev.corral.operator.permission.TopicPattern;
import dev.corral.operator.permission.Word;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Worlds.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;
import net.jqwik.api.statistics.Statistics;

/** What holds whatever people write. */
@Domain(Worlds.class)
@Domain(DomainContext.Global.class)
class PolicyLaws {
    private static final int TRIES = 200;

    @Property(tries = TRIES)
    void orderNeverMatters(@ForAll World world, @ForAll Random random) {
        World shuffled =
                new World(world.request(), shuffled(world.cluster(), random), shuffled(world.namespace(), random));
        assertThat(shuffled.verdict()).isEqualTo(world.verdict());
        Statistics.collect(world.verdict().getClass().getSimpleName());
    }

    @Property(tries = TRIES)
    void orderInsideObjectsChangesNeitherVerdictNorHash(@ForAll World world, @ForAll Random random) {
        Request request = world.request();
        Request reordered = withPlugin(request, shuffled(request.plugin().permissions(), random));
        List<ClusterRule> rules = world.cluster().stream()
                .map(rule -> withGrants(rule, shuffled(rule.grants(), random)))
                .toList();
        Verdict before = world.verdict();
        Verdict after = new World(reordered, rules, world.namespace()).verdict();
        if (before instanceof Verdict.Granted(EffectivePermissions effective, var audited)) {
            assertThat(after).isEqualTo(before);
            assertThat(((Verdict.Granted) after).effective().hash()).isEqualTo(effective.hash());
            assertThat(((Verdict.Granted) after).effective().record().text())
                    .isEqualTo(effective.record().text());
        } else {
            assertThat(after).isInstanceOf(Verdict.Denied.class);
        }
    }

    @Property(tries = TRIES)
    void sayingARuleTwiceChangesNothing(@ForAll World world) {
        List<ClusterRule> twice = new ArrayList<>(world.cluster());
        twice.addAll(world.cluster());
        List<NamespaceRule> namespaceTwice = new ArrayList<>(world.namespace());
        namespaceTwice.addAll(world.namespace());
        Verdict before = world.verdict();
        Verdict after = new World(world.request(), twice, namespaceTwice).verdict();
        assertNotWider(before, after);
        assertNotWider(after, before);
    }

    @Property(tries = TRIES)
    void whatIsEffectiveWasAskedAndGranted(@ForAll World world) {
        if (world.verdict() instanceof Verdict.Granted(EffectivePermissions effective, var audited)) {
            for (Grantable item : items(effective)) {
                assertThat(world.request().layers().getFirst().permissions())
                        .satisfies(plugin -> assertThat(coveredBy(List.of(plugin), item)
                                        || world.counting(effective).stream()
                                                .filter(rule ->
                                                        rule.capability().isPresent())
                                                .anyMatch(rule -> coveredBy(List.of(rule.grants()), item)))
                                .isTrue());
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
    void learningOpensNothingThatIsNotGranted(@ForAll World world) {
        Verdict verdict = new PolicySet(world.cluster(), world.namespace())
                .decideLearning(world.request(), Scene.EXCEPTED, Scene.NOW);
        if (verdict instanceof Verdict.Granted(EffectivePermissions effective, var audited)) {
            List<ClusterRule> counting = world.counting(effective);
            assertThat(counting).anyMatch(ClusterRule::learns);
            for (Grantable item : items(effective)) {
                assertThat(coveredBy(counting.stream().map(ClusterRule::grants).toList(), item))
                        .as("%s is granted", item)
                        .isTrue();
                world.namespace().stream()
                        .flatMap(rule -> rule.limitTo().stream())
                        .forEach(limitTo -> assertThat(coveredBy(List.of(limitTo), item))
                                .as("%s is left by the namespace", item)
                                .isTrue());
            }
        }
        Statistics.collect(verdict.getClass().getSimpleName());
    }

    @Property(tries = TRIES)
    void aNamespacePolicyNeverWidens(@ForAll World world, @ForAll NamespaceRule rule) {
        List<NamespaceRule> more = new ArrayList<>(world.namespace());
        more.add(rule);
        assertNotWider(world.verdict(), new World(world.request(), world.cluster(), more).verdict());
    }

    @Property(tries = TRIES)
    void removingAGrantNeverWidens(@ForAll World world, @ForAll Random random) {
        // what a capability stands for is asked for as well: with less of it, less can be refused
        List<ClusterRule> fewer = world.cluster().stream()
                .map(rule -> rule.capability().isPresent() ? rule : withGrants(rule, without(rule.grants(), random)))
                .toList();
        assertNotWider(world.verdict(), new World(world.request(), fewer, world.namespace()).verdict());
    }

    @Property(tries = TRIES)
    void addingADenyNeverWidens(@ForAll World world, @ForAll Permissions denies) {
        List<ClusterRule> denying = world.cluster().stream()
                .map(rule -> withDenies(rule, joined(rule.denies(), denies)))
                .toList();
        assertNotWider(world.verdict(), new World(world.request(), denying, world.namespace()).verdict());
    }

    @Property(tries = TRIES)
    void aDenyAlwaysWins(@ForAll World world) {
        if (world.verdict() instanceof Verdict.Granted(EffectivePermissions effective, var audited)) {
            List<Grantable> denies = new ArrayList<>();
            world.counting(effective).forEach(rule -> denies.addAll(items(rule.denies())));
            world.namespace().forEach(rule -> denies.addAll(items(rule.denies())));
            for (Grantable deny : denies) {
                assertThat(items(effective)).noneMatch(item -> !isCutOutOf(item) && deny.overlaps(item));
                assertThat(effective.hosts())
                        .as("%s is denied at the gateway", deny)
                        .allMatch(host -> !deny.overlaps(host)
                                || !deny.covers(host)
                                        && effective.denyHosts().stream().anyMatch(cut -> cut.covers(deny)));
                assertThat(effective.cidrs()).noneMatch(rule -> opens(rule, deny));
            }
        }
    }

    private static boolean isCutOutOf(Grantable item) {
        return item instanceof CidrGrant || item instanceof HostPattern;
    }

    private static boolean opens(CidrRule rule, Grantable deny) {
        return deny instanceof CidrGrant denied
                && denied.overlaps(rule.grant())
                && rule.except().stream().noneMatch(except -> except.contains(denied.block()));
    }

    @Property(tries = TRIES)
    void aDenyOfAnythingEffectiveRefuses(@ForAll World world, @ForAll Random random) {
        any(world, random, item -> true).ifPresent(item -> {
            Permissions deny = just(item);
            List<NamespaceRule> inNamespace = new ArrayList<>(world.namespace());
            inNamespace.add(namespaceRule(Optional.empty(), deny));
            List<ClusterRule> inCluster = world.cluster().stream()
                    .map(rule -> withDenies(rule, joined(rule.denies(), deny)))
                    .toList();
            assertThat(new World(world.request(), world.cluster(), inNamespace).verdict())
                    .isInstanceOf(Verdict.Denied.class);
            assertThat(new World(world.request(), inCluster, world.namespace()).verdict())
                    .isInstanceOf(Verdict.Denied.class);
        });
    }

    @Property(tries = TRIES)
    void whatOneLayerLeavesOutIsRefused(@ForAll World world, @ForAll Random random) {
        any(world, random, item -> !(item instanceof SecretKeys)).ifPresent(item -> {
            List<NamespaceRule> narrower = new ArrayList<>(world.namespace());
            narrower.add(namespaceRule(Optional.of(without(Worlds.EVERYTHING, item)), Permissions.NONE));
            List<ClusterRule> poorer = world.cluster().stream()
                    .map(rule -> withGrants(rule, without(rule.grants(), item)))
                    .toList();
            assertThat(new World(world.request(), world.cluster(), narrower).verdict())
                    .isInstanceOf(Verdict.Denied.class);
            if (poorer.stream().allMatch(rule -> rule.capability().isEmpty())) {
                assertThat(new World(world.request(), poorer, world.namespace()).verdict())
                        .isInstanceOf(Verdict.Denied.class);
            }
        });
    }

    @Property(tries = TRIES)
    void whatThePluginDoesNotAskForIsNeverEffective(@ForAll World world, @ForAll Random random) {
        any(world, random, item -> true).ifPresent(item -> {
            Request request = world.request();
            Permissions modest = without(request.plugin().permissions(), item);
            if (world.with(withPlugin(request, modest)).verdict()
                            instanceof Verdict.Granted(EffectivePermissions effective, var audited)
                    && !world.expands(effective)) {
                assertThat(items(effective)).noneMatch(other -> other.covers(item));
            }
        });
    }

    private static Optional<Grantable> any(World world, Random random, Predicate<Grantable> wanted) {
        if (!(world.verdict() instanceof Verdict.Granted(EffectivePermissions effective, var audited))) {
            return Optional.empty();
        }
        List<Grantable> items = items(effective).stream().filter(wanted).toList();
        return items.isEmpty() ? Optional.empty() : Optional.of(items.get(random.nextInt(items.size())));
    }

    private static Permissions just(Grantable item) {
        return Permissions.of(Map.of(field(item), List.of(item)), Budget.UNLIMITED);
    }

    private static PermissionField field(Grantable item) {
        return switch (item) {
            case CidrGrant ignored -> PermissionField.NETWORK_CIDRS;
            case PeerGrant ignored -> PermissionField.NETWORK_PEERS;
            case ServiceName ignored -> PermissionField.NETWORK_SERVICES;
            case EnvPattern ignored -> PermissionField.ENV;
            case SecretKeys ignored -> PermissionField.SECRETS;
            case TopicPattern ignored -> PermissionField.EVENTS_PRODUCE;
            case HostPattern ignored -> PermissionField.NETWORK_HOSTS;
            case PathGlob ignored -> PermissionField.FILES_READ;
            case ClaimPaths ignored -> PermissionField.FILES_CLAIMS;
            case ArtifactPattern ignored -> PermissionField.ARTIFACTS_READ;
            case CapabilityName ignored -> PermissionField.CAPABILITIES;
            case Word ignored -> PermissionField.INVOKE;
        };
    }

    private static NamespaceRule namespaceRule(Optional<Permissions> limitTo, Permissions denies) {
        return new NamespaceRule(
                new PolicyId("PluginPolicy", "added", "u", 1), Set.of(), limitTo, denies, Mode.ENFORCE, List.of());
    }

    @Property(tries = TRIES)
    void aNarrowingExecutionNeverWidens(@ForAll World world, @ForAll Layer narrowing) {
        Request free = withExecution(world.request(), Optional.empty());
        Request narrowed = withExecution(world.request(), Optional.of(narrowing));
        // an execution may escape a refusal by asking for less; but whatever both are granted, it has no more of
        if (world.with(free).verdict() instanceof Verdict.Granted) {
            assertNotWider(world.with(free).verdict(), world.with(narrowed).verdict());
        }
    }

    @Property(tries = TRIES)
    void limitsAreNeverAboveAnyLayer(@ForAll World world) {
        if (world.verdict() instanceof Verdict.Granted(EffectivePermissions effective, var audited)) {
            List<Budget> layers = new ArrayList<>();
            world.request()
                    .layers()
                    .forEach(layer -> layers.add(layer.permissions().limits()));
            world.counting(effective).forEach(rule -> layers.add(rule.grants().limits()));
            world.namespace().forEach(rule -> rule.limitTo().ifPresent(limitTo -> layers.add(limitTo.limits())));
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
    void anAuditingRuleChangesNothing(@ForAll World world, @ForAll ClusterRule rule, @ForAll NamespaceRule narrowing) {
        List<ClusterRule> more = new ArrayList<>(world.cluster());
        more.add(auditing(rule));
        List<NamespaceRule> moreHere = new ArrayList<>(world.namespace());
        moreHere.add(auditing(narrowing));
        Verdict audited = new World(world.request(), more, moreHere).verdict();
        switch (world.verdict()) {
            case Verdict.Denied denied -> assertThat(audited).isEqualTo(denied);
            case Verdict.Granted(EffectivePermissions effective, var ignored) ->
                assertThat(((Verdict.Granted) audited).effective()).isEqualTo(effective);
        }
    }

    @Property(tries = TRIES)
    void aCapabilityNobodyRequiresChangesNothing(@ForAll World world, @ForAll ClusterRule rule) {
        List<ClusterRule> more = new ArrayList<>(world.cluster());
        more.add(defining(rule, "y"));
        assertThat(new World(world.request(), more, world.namespace()).verdict())
                .isEqualTo(world.verdict());
    }

    @Property(tries = TRIES)
    void anExpiredRuleIsAsGoodAsNone(@ForAll World world, @ForAll ClusterRule rule) {
        List<ClusterRule> more = new ArrayList<>(world.cluster());
        more.add(expired(rule));
        assertThat(new World(world.request(), more, world.namespace()).verdict())
                .isEqualTo(world.verdict());
    }

    // --- what wider means

    /** Denied is the narrowest; of two grants, every item and address of the narrower must be within the wider. */
    private static void assertNotWider(Verdict wider, Verdict narrower) {
        if (!(narrower instanceof Verdict.Granted(EffectivePermissions few, var audited))) {
            return;
        }
        assertThat(wider).as("nothing was granted before").isInstanceOf(Verdict.Granted.class);
        EffectivePermissions many = ((Verdict.Granted) wider).effective();
        for (Grantable item : items(few)) {
            assertThat(items(many)).as("%s", item).anyMatch(other -> other.covers(item));
        }
        for (HostPattern host : few.hosts()) {
            assertThat(many.denyHosts())
                    .as("%s", host)
                    .allMatch(cut ->
                            !cut.overlaps(host) || few.denyHosts().stream().anyMatch(own -> own.covers(cut)));
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

    static List<Grantable> items(EffectivePermissions effective) {
        List<Grantable> items = new ArrayList<>();
        items.addAll(effective.hosts());
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

    static boolean coveredBy(List<Permissions> layers, Grantable item) {
        if (item instanceof SecretKeys secret && secret.keys().size() > 1) {
            return secret.keys().stream().allMatch(key -> coveredBy(layers, SecretKeys.of(secret.name(), key)));
        }
        return layers.stream().flatMap(layer -> items(layer).stream()).anyMatch(grant -> grant.covers(item));
    }
}
