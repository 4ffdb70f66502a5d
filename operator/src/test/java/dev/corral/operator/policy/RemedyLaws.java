package dev.corral.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.policy.Worlds.World;
import dev.corral.operator.spec.SpecReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;

/** What a denial says would allow it, does: pasted as it stands, read as a policy is read, and asked again. */
@Domain(Worlds.class)
@Domain(DomainContext.Global.class)
class RemedyLaws {
    private static final int TRIES = 300;
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    @Property(tries = TRIES)
    void everyRemedyOfAPolicyRemovesItsDenial(@ForAll World world) {
        if (world.verdict() instanceof Verdict.Denied(List<Denial> denials)) {
            for (Denial denial : denials) {
                pasted(world, denial)
                        .ifPresent(better -> assertThat(denials(better))
                                .as("%s", denial.remedy())
                                .doesNotContain(denial));
            }
        }
    }

    @Property(tries = TRIES)
    void theProposalAllowsAllThatAPolicyCan(@ForAll World world) {
        Optional<String> proposal = proposal(world);
        assertThat(proposal.isPresent() || world.verdict() instanceof Verdict.Granted)
                .isTrue();
        proposal.ifPresent(text -> {
            List<ClusterRule> more = new ArrayList<>(world.cluster());
            more.addAll(rules(text));
            assertThat(denials(new World(world.request(), more, world.namespace())))
                    .as("%s", text)
                    .noneMatch(denial -> denial.reason().answeredByGrant());
        });
    }

    private static Optional<String> proposal(World world) {
        return new PolicySet(world.cluster(), world.namespace()).proposal(world.request(), Scene.EXCEPTED, Scene.NOW);
    }

    private static List<Denial> denials(World world) {
        return switch (world.verdict()) {
            case Verdict.Denied(List<Denial> denials) -> denials;
            case Verdict.Granted granted -> List.of();
        };
    }

    /** The world with the remedy pasted where it says; empty where it names no policy. */
    private static Optional<World> pasted(World world, Denial denial) {
        String remedy = denial.remedy();
        int with = remedy.indexOf("with: ");
        int withdraw = remedy.indexOf("withdraw: ");
        if (remedy.startsWith("A new ClusterPluginPolicy")) {
            List<ClusterRule> more = new ArrayList<>(world.cluster());
            int whole = remedy.indexOf("; an execution's status.plan.policy has the whole of it");
            if (whole > 0) {
                more.add(rule("{metadata: {name: pasted}, spec: {" + Remedy.namespaces(world.request()) + ", "
                        + Remedy.images(world.request()) + ", " + remedy.substring(with + 6, whole) + "}}"));
                return Optional.of(new World(world.request(), more, world.namespace()));
            }
            String spec = remedy.substring(with + 6).replaceFirst(", and under grants what it means$", "");
            more.add(rule("{metadata: {name: pasted}, " + spec + "}"));
            return Optional.of(new World(world.request(), more, world.namespace()));
        }
        if (denial.policy().isEmpty() || with < 0 && withdraw < 0 || remedy.contains("…")) {
            return Optional.empty();
        }
        PolicyId id = denial.policy().get();
        if (withdraw >= 0) {
            Permissions less =
                    rule("{spec: {" + remedy.substring(withdraw + 10) + "}}").denies();
            return Optional.of(new World(
                    world.request(),
                    world.cluster().stream()
                            .map(r -> r.id().equals(id) ? Changes.withDenies(r, minus(r.denies(), less)) : r)
                            .toList(),
                    world.namespace().stream()
                            .map(r -> r.id().equals(id)
                                    ? new NamespaceRule(
                                            r.id(),
                                            r.plugins(),
                                            r.limitTo(),
                                            minus(r.denies(), less),
                                            r.mode(),
                                            r.problems())
                                    : r)
                            .toList()));
        }
        String addition = remedy.substring(with + 6);
        Permissions more = addition.startsWith("limitTo")
                ? limitTo("{spec: {" + addition + "}}")
                : rule("{spec: {" + addition + "}}").grants();
        return Optional.of(new World(
                world.request(),
                world.cluster().stream()
                        .map(r -> r.id().equals(id) ? Changes.withGrants(r, Changes.joined(r.grants(), more)) : r)
                        .toList(),
                world.namespace().stream()
                        .map(r -> r.id().equals(id)
                                ? new NamespaceRule(
                                        r.id(),
                                        r.plugins(),
                                        r.limitTo().map(limitTo -> Changes.joined(limitTo, more)),
                                        r.denies(),
                                        r.mode(),
                                        r.problems())
                                : r)
                        .toList()));
    }

    private static Permissions minus(Permissions from, Permissions less) {
        Permissions left = from;
        for (var field : dev.corral.operator.permission.PermissionField.values()) {
            for (var item : less.items(field)) {
                var lists = Changes.lists(left);
                lists.get(field).removeIf(item::equals);
                left = Permissions.of(lists, left.limits());
            }
        }
        return left;
    }

    private static List<ClusterRule> rules(String text) {
        List<ClusterRule> rules = new ArrayList<>();
        for (String document : text.split("(?m)^---$")) {
            rules.add(rule(document));
        }
        return rules;
    }

    private static Permissions limitTo(String yaml) {
        try {
            NamespaceRule rule = SpecReader.namespaceRule(YAML.readValue(yaml, PluginPolicy.class));
            assertThat(rule.problems()).as("%s", yaml).isEmpty();
            return rule.limitTo().orElseThrow();
        } catch (JsonProcessingException notYaml) {
            throw new AssertionError(yaml, notYaml);
        }
    }

    private static ClusterRule rule(String yaml) {
        try {
            ClusterRule rule = SpecReader.clusterRule(YAML.readValue(yaml, ClusterPluginPolicy.class));
            assertThat(rule.problems()).as("%s", yaml).isEmpty();
            return rule;
        } catch (JsonProcessingException notYaml) {
            throw new AssertionError(yaml, notYaml);
        }
    }
}
