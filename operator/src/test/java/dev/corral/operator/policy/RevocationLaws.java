package dev.corral.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.plan.Planner;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Worlds.World;
import dev.corral.operator.spec.GivenReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;

/** What a run was given is granted again until somebody takes something of it away. */
@Domain(Worlds.class)
@Domain(DomainContext.Global.class)
class RevocationLaws {
    private static final int TRIES = 200;

    /** The question a live run puts: with what it was given in the plugin's place, as it is read back from its pod. */
    private static Optional<EffectivePermissions> grantedAgain(World world, Given given) {
        Given read = GivenReader.read(given.text()).orElseThrow();
        assertThat(read).isEqualTo(given);
        Request r = world.request();
        Request again = new Request(
                r.namespace(),
                r.namespaceLabels(),
                r.pluginName(),
                r.image(),
                Layer.complete("the run", "status", read.permissions()),
                Optional.empty(),
                Optional.empty(),
                read.permissions().secrets(),
                List.of(),
                OptionalLong.empty(),
                List.of(),
                List.of());
        return granted(world.with(again)).filter(now -> read.missingFrom(now).isEmpty());
    }

    private static boolean stillGranted(World world, Given given) {
        return grantedAgain(world, given).isPresent();
    }

    private static Optional<EffectivePermissions> granted(World world) {
        return world.verdict() instanceof Verdict.Granted(EffectivePermissions effective, var audited)
                ? Optional.of(effective)
                : Optional.empty();
    }

    @Property(tries = TRIES)
    void whatWasGivenIsGrantedAgain(@ForAll World world) {
        granted(world)
                .ifPresent(effective ->
                        assertThat(stillGranted(world, effective.record())).isTrue());
    }

    /** So that the policy a live run is behind can be rendered again. */
    @Property(tries = TRIES)
    void whatIsGrantedAgainIsTheSameNetwork(@ForAll World world) {
        Planner planner = new Planner(
                new Installation("corral-system", "x", LauncherDelivery.ImageVolume, "10.96.0.50", "", "test", ""));
        granted(world)
                .ifPresent(effective -> assertThat(planner.networkClass(
                                grantedAgain(world, effective.record()).orElseThrow()))
                        .isEqualTo(planner.networkClass(effective)));
    }

    @Property(tries = TRIES)
    void moreGrantsRevokeNothing(@ForAll World world) {
        granted(world).ifPresent(effective -> {
            List<ClusterRule> wider = world.cluster().stream()
                    .map(rule ->
                            rule.capability().isPresent() || !effective.refs().contains(rule.id())
                                    ? rule
                                    : Changes.withGrants(rule, Changes.joined(rule.grants(), Worlds.GRANTABLE)))
                    .toList();
            assertThat(stillGranted(new World(world.request(), wider, world.namespace()), effective.record()))
                    .isTrue();
        });
    }

    @Property(tries = TRIES)
    void aDenyOfAnythingGivenRevokes(@ForAll World world, @ForAll Random random) {
        granted(world).ifPresent(effective -> {
            Map<PermissionField, List<Grantable>> given = Changes.lists(effective.given());
            for (PermissionField field : PermissionField.values()) {
                for (Grantable item : given.get(field)) {
                    List<NamespaceRule> stricter = new ArrayList<>(world.namespace());
                    stricter.add(new NamespaceRule(
                            new PolicyId("PluginPolicy", "added", "u", 1),
                            Set.of(),
                            Optional.empty(),
                            Permissions.of(Map.of(field, List.of(item)), Budget.UNLIMITED),
                            Mode.ENFORCE,
                            List.of()));
                    assertThat(stillGranted(new World(world.request(), world.cluster(), stricter), effective.record()))
                            .as("%s", item)
                            .isFalse();
                }
            }
        });
    }

    /** As strict as the algebra itself: what a new run of the same request could not have, an old one does not keep. */
    @Property(tries = TRIES)
    void whateverANewRunWouldMissAnOldOneLoses(@ForAll World world, @ForAll World other) {
        granted(world).ifPresent(effective -> {
            World changed = new World(world.request(), other.cluster(), other.namespace());
            if (stillGranted(changed, effective.record())) {
                List<Permissions> grants = other.cluster().stream()
                        .filter(rule -> rule.counts() && rule.matches(world.request(), Scene.NOW))
                        .map(ClusterRule::grants)
                        .toList();
                for (Grantable item : PolicyLaws.items(effective)) {
                    assertThat(PolicyLaws.coveredBy(grants, item))
                            .as("%s", item)
                            .isTrue();
                }
            }
        });
    }

    @Property(tries = TRIES)
    void withoutPoliciesEverythingIsRevoked(@ForAll World world) {
        granted(world)
                .ifPresent(effective -> assertThat(stillGranted(
                                new World(world.request(), List.of(), world.namespace()), effective.record()))
                        .isFalse());
    }
}
