package dev.corral.operator.policy;

import static dev.corral.operator.permission.LimitField.CPU_TIME;
import static dev.corral.operator.permission.LimitField.MEMORY;
import static dev.corral.operator.permission.LimitField.TIMEOUT;
import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.denying;
import static dev.corral.operator.policy.Scene.limitedTo;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Scene.sections;
import static dev.corral.operator.policy.Wording.artifacts;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.denyHosts;
import static dev.corral.operator.policy.Wording.env;
import static dev.corral.operator.policy.Wording.hosts;
import static dev.corral.operator.policy.Wording.limit;
import static dev.corral.operator.policy.Wording.peers;
import static dev.corral.operator.policy.Wording.produce;
import static dev.corral.operator.policy.Wording.secret;
import static dev.corral.operator.policy.Wording.services;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Section;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.permission.Yaml;
import dev.corral.operator.policy.Request.PluginName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The algebra, one rule a test; {@link PolicyLaws} has what holds for all inputs. */
class PolicySetTest {
    private static List<String> lines(Scene scene) {
        return scene.granted().lines().stream().map(EffectiveLine::toString).toList();
    }

    // --- who is meant

    @Test
    void withoutAnyPolicyNothingRuns() {
        Scene scene = aPluginAsking(cidrs("203.0.113.10/32:80"));
        assertThat(scene.denied()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.NoPolicy);
            assertThat(denial.remedy())
                    .contains("{matchLabels: {kubernetes.io/metadata.name: \"team-a\"}}")
                    .contains("grants: {network: {cidrs: [\"203.0.113.10/32:80\"]}}");
        });
    }

    @Test
    void anEmptyAskIsStillDeniedWithoutAPolicyAndGrantedWithOne() {
        assertThat(aPluginAsking().reasons()).containsExactly(DenialReason.NoPolicy);
        assertThat(aPluginAsking().with(policy("docs")).granted().cidrs()).isEmpty();
    }

    @Test
    void namespaceLabelsMustAllBeThere() {
        Scene scene = aPluginAsking().with(policy("docs").inNamespacesLabelled("tier", "docs"));
        scene.granted();
        scene.namespaceLabels = Map.of("tier", "other");
        assertThat(scene.reasons()).containsExactly(DenialReason.NoPolicy);
        scene.namespaceLabels = Map.of();
        assertThat(scene.reasons()).containsExactly(DenialReason.NoPolicy);
    }

    @Test
    void aTenantCannotTakeTheNameOfACataloguePlugin() {
        Scene scene = aPluginAsking().with(policy("docs").forCataloguePlugins("link-checker"));
        assertThat(scene.reasons()).containsExactly(DenialReason.NoPolicy);
        scene.pluginName = new PluginName(true, "link-checker");
        scene.granted();
    }

    @Test
    void imagesAreMatchedByRepositoryAndDigest() {
        Scene scene = aPluginAsking().with(policy("docs").forImages("registry.example.org/team/*"));
        scene.granted();
        scene.image = "registry.example.org/teamx/link-checker@" + Scene.DIGEST;
        assertThat(scene.reasons()).containsExactly(DenialReason.NoPolicy);
        scene.image = "evil.example/registry.example.org/team/link-checker@" + Scene.DIGEST;
        assertThat(scene.reasons()).containsExactly(DenialReason.NoPolicy);
    }

    @Test
    void anExpiredPolicyDoesNothingAtAll() {
        Scene.Rule expired = policy("old", env("*")).denying(env("LANG")).expiring(Scene.NOW);
        assertThat(aPluginAsking().with(expired).reasons()).containsExactly(DenialReason.NoPolicy);
        aPluginAsking(env("LANG")).with(expired, policy("docs", env("LANG"))).granted();
        aPluginAsking(env("X"))
                .with(policy("new", env("*")).expiring(Scene.NOW.plusMillis(1)))
                .granted();
        assertThat(new PolicySet(
                                List.of(
                                        expired.build(),
                                        policy("new")
                                                .expiring(Scene.NOW.plusMillis(1))
                                                .build()),
                                List.of())
                        .nextExpiry(Scene.NOW))
                .hasValue(Scene.NOW.plusMillis(1));
    }

    @Test
    void fallbackAppliesOnlyWhereNothingElseDoes() {
        Scene.Rule fallback = policy("base", env("LANG")).fallback();
        aPluginAsking(env("LANG")).with(fallback).granted();
        assertThat(aPluginAsking(env("LANG")).with(fallback, policy("docs")).reasons())
                .containsExactly(DenialReason.EnvNotGranted);
        aPluginAsking(env("LANG"))
                .with(fallback, policy("docs").inNamespacesLabelled("tier", "other"))
                .granted();
    }

    @Test
    void aMalformedPolicyRefusesWhatItMatchesAndNamesTheField() {
        Violation violation = new Violation("spec.grants.env[0]", ViolationReason.Malformed, "names no variable");
        assertThat(aPluginAsking(env("LANG"))
                        .with(policy("docs", env("LANG")), policy("broken").unreadable(violation))
                        .denied())
                .singleElement()
                .satisfies(denial -> {
                    assertThat(denial.reason()).isEqualTo(DenialReason.PolicyMalformed);
                    assertThat(denial.policy().orElseThrow().name()).isEqualTo("broken");
                    assertThat(denial.message()).contains("spec.grants.env[0]");
                });
        aPluginAsking(env("LANG"))
                .with(
                        policy("docs", env("LANG")),
                        policy("broken").inNamespacesLabelled("tier", "other").unreadable(violation))
                .granted();
    }

    // --- what is granted

    @Test
    void grantsOfSeveralPoliciesUniteAndEachIsNamed() {
        Scene scene = aPluginAsking(cidrs("203.0.113.10/32:80"), env("LANG"), produce("check.*@v1"))
                .with(policy("net", cidrs("203.0.113.0/24:*")), policy("all", env("*"), produce("*@v1")));
        assertThat(lines(scene))
                .contains(
                        "network.cidr 203.0.113.10/32:80 ← ClusterPluginPolicy/net",
                        "env LANG ← ClusterPluginPolicy/all",
                        "events.produce check.*@v1 ← ClusterPluginPolicy/all",
                        "limits.timeout 5m ← built-in default");
        assertThat(scene.granted().refs()).extracting(PolicyId::name).containsExactly("all", "net");
    }

    @Test
    void everythingMissingIsListedWithWhatWouldAllowIt() {
        List<Denial> denials = aPluginAsking(cidrs("203.0.113.10/32:80", "198.51.100.0/24:443"), env("LANG"))
                .with(policy("docs-teams", cidrs("203.0.113.0/24:443")))
                .denied();
        assertThat(denials)
                .extracting(Denial::path)
                .containsExactly(
                        "spec.permissions.env[0]",
                        "spec.permissions.network.cidrs[0]",
                        "spec.permissions.network.cidrs[1]");
        assertThat(denials.get(1).remedy())
                .isEqualTo("ClusterPluginPolicy docs-teams would allow it with: grants:"
                        + " {network: {cidrs: [\"203.0.113.10/32:80\"]}}");
        assertThat(denials.get(1).message())
                .isEqualTo(
                        "Plugin/link-checker asks for network.cidrs \"203.0.113.10/32:80\", which is granted by no policy"
                                + " in team-a");
    }

    @Test
    void moreThanAListCanHoldIsCounted() {
        String[] names = IntStream.range(0, 40).mapToObj(i -> "V" + i).toArray(String[]::new);
        List<Denial> denials = aPluginAsking(env(names)).with(policy("docs")).denied();
        assertThat(denials).hasSize(Verdict.Denied.MOST);
        assertThat(denials.get(10).path()).isEqualTo("spec.permissions.env[10]");
        assertThat(denials.getLast().reason()).isEqualTo(DenialReason.MoreDenials);
        assertThat(denials.getLast().message()).startsWith("9 more");
    }

    // --- what narrows

    @Test
    void aNamespacePolicyThatListsNothingOfASectionGrantsNothingOfIt() {
        Scene scene = aPluginAsking(env("LANG"))
                .with(policy("docs", env("*")))
                .with(limitedTo("ns", cidrs("203.0.113.0/24:*")));
        assertThat(scene.denied()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.NarrowedByNamespace);
            assertThat(denial.remedy()).isEqualTo("PluginPolicy ns would allow it with: limitTo: {env: [\"LANG\"]}");
        });
    }

    @Test
    void aNamespacePolicyForOnePluginIsAboutItsNameWhoeverChoseThat() {
        for (boolean catalogue : List.of(true, false)) {
            for (String named : List.of("link-checker", "another")) {
                Scene scene = aPluginAsking(env("LANG")).with(policy("docs", env("*")));
                scene.pluginName = new PluginName(catalogue, "link-checker");
                NamespaceRule nothing = limitedTo("quiet");
                scene.with(new NamespaceRule(
                        nothing.id(),
                        Set.of(named),
                        nothing.limitTo(),
                        nothing.denies(),
                        nothing.mode(),
                        nothing.problems()));
                assertThat(scene.verdict() instanceof Verdict.Denied)
                        .as("%s %s", catalogue, named)
                        .isEqualTo(named.equals("link-checker"));
            }
        }
    }

    @Test
    void aNamespacePolicyThatOnlyDeniesNarrowsNothingElse() {
        aPluginAsking(env("LANG"))
                .with(policy("docs", env("*")))
                .with(denying("ns", env("OTHER")))
                .granted();
    }

    @Test
    void aHandlersSectionReplacesThePluginsButMayOnlyNarrow() {
        Scene scene = aPluginAsking(env("CHECK_*", "LANG"), peers("app=db:5432"))
                .with(policy("docs", env("*"), peers("app=db:*")))
                .handlerNarrowing(sections(Section.ENV), env("CHECK_A"));
        assertThat(scene.granted().env()).hasToString("[CHECK_A]");
        assertThat(scene.granted().peers()).hasSize(1);
        scene.handlerNarrowing(sections(Section.ENV), env("CHECK_A", "OTHER"));
        assertThat(scene.denied()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.ExceedsPlugin);
            assertThat(denial.path()).isEqualTo("spec.handlers[0].permissions.env[1]");
        });
    }

    @Test
    void anExecutionMayNarrowToNothingButNotBackToWhatTheHandlerGaveUp() {
        Scene scene = aPluginAsking(env("CHECK_*", "LANG"))
                .with(policy("docs", env("*")))
                .handlerNarrowing(sections(Section.ENV), env("CHECK_A"))
                .executionNarrowing(sections(Section.ENV));
        assertThat(scene.granted().env()).isEmpty();
        scene.executionNarrowing(sections(Section.ENV), env("LANG"));
        assertThat(scene.reasons()).containsExactly(DenialReason.ExceedsPlugin);
    }

    // --- what is denied

    @Test
    void aDenyWinsOverEveryGrant() {
        Scene scene = aPluginAsking(env("AWS_KEY"))
                .with(policy("docs", env("*")), policy("guard").denying(env("AWS_*")));
        assertThat(scene.denied()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.DeniedByPolicy);
            assertThat(denial.policy().orElseThrow().name()).isEqualTo("guard");
        });
    }

    @Test
    void aWildcardThatReachesIntoADenyIsRefusedWithTheReason() {
        Scene scene = aPluginAsking(env("A*"), produce("check.*@v1"))
                .with(policy("docs", env("*"), produce("*@v1")))
                .with(denying("ns", env("AWS_KEY"), produce("check.secret@v1")));
        assertThat(scene.denied())
                .hasSize(2)
                .allSatisfy(
                        denial -> assertThat(denial.message()).contains("part of which is denied by PluginPolicy/ns"));
    }

    @Test
    void aDeniedHostInsideAnAskedOneStaysDeniedAndTheRestIsGranted() {
        Scene scene = aPluginAsking(hosts("*.example.org:*", "api.example.com"), denyHosts("own.example.org"))
                .with(policy("docs", hosts("*.example.org:*", "*.example.com"))
                        .denying(hosts("secret.example.org:1-65535", "elsewhere.example.net")))
                .with(denying("ns", hosts("*.internal.example.org", "api.example.com:22")));
        assertThat(scene.granted().denyHosts().stream().map(HostPattern::toString))
                .containsExactly("*.internal.example.org:443", "own.example.org:*", "secret.example.org:*");
        assertThat(lines(scene))
                .contains(
                        "network.host *.example.org:* ← ClusterPluginPolicy/docs",
                        "network.denyHost secret.example.org:* ← ClusterPluginPolicy/docs",
                        "network.denyHost *.internal.example.org:443 ← PluginPolicy/ns");
    }

    /** Written without a port, a host is asked for at 443 and denied at every port. */
    @Test
    void aHostThatIsDeniedAtMorePortsThanAreAskedForStaysDenied() {
        assertThat(aPluginAsking(hosts("*.example.org:443"))
                        .with(policy("docs", hosts("*.example.org:443")).denying(hosts("secret.example.org:*")))
                        .granted()
                        .denyHosts())
                .extracting(Object::toString)
                .containsExactly("secret.example.org:*");
    }

    @Test
    void aHostThatIsDeniedWholeIsRefusedWhole() {
        Scene.Rule docs = policy("docs", hosts("*.example.org:*")).denying(hosts("*.example.org"));
        assertThat(aPluginAsking(hosts("api.example.org")).with(docs).reasons())
                .containsExactly(DenialReason.DeniedByPolicy);
        assertThat(aPluginAsking(hosts("*.deep.example.org")).with(docs).reasons())
                .containsExactly(DenialReason.DeniedByPolicy);
        assertThat(aPluginAsking(hosts("api.example.org:8443"))
                        .with(docs)
                        .granted()
                        .denyHosts())
                .isEmpty();
    }

    @Test
    void moreDeniedHostsThanAnAssignmentHoldsAreRefused() {
        String[] many = IntStream.rangeClosed(0, EffectivePermissions.MOST_DENIED_HOSTS)
                .mapToObj(i -> "h" + i + ".example.org")
                .toArray(String[]::new);
        assertThat(aPluginAsking(hosts("*.example.org"))
                        .with(policy("docs", hosts("*.example.org")).denying(hosts(many)))
                        .denied())
                .singleElement()
                .satisfies(denial -> {
                    assertThat(denial.reason()).isEqualTo(DenialReason.TooMany);
                    assertThat(denial.path()).isEqualTo("spec.permissions.network.denyHosts");
                    assertThat(denial.message()).contains("would have 257 network.denyHosts", "at most 256");
                });
    }

    @Test
    void aDeniedBlockInsideAnAskedOneIsCutOut() {
        Scene scene = aPluginAsking(cidrs("203.0.113.0/24:443"))
                .with(policy("docs", cidrs("0.0.0.0/0:*"))
                        .denying(cidrs("203.0.113.128/25:*", "203.0.113.130/32:443", "203.0.113.1/32:80")));
        assertThat(lines(scene))
                .contains("network.cidr 203.0.113.0/24:443 except 203.0.113.128/25 ← ClusterPluginPolicy/docs");
    }

    @Test
    void aDeniedBlockThatHoldsTheAskedOneRefusesItUnlessThePortsDiffer() {
        Scene.Rule docs = policy("docs", cidrs("0.0.0.0/0:*")).denying(cidrs("203.0.113.0/24:1-100"));
        assertThat(aPluginAsking(cidrs("203.0.113.0/24:80")).with(docs).reasons())
                .containsExactly(DenialReason.DeniedByPolicy);
        assertThat(aPluginAsking(cidrs("203.0.113.7/32:100-200")).with(docs).reasons())
                .containsExactly(DenialReason.DeniedByPolicy);
        assertThat(aPluginAsking(cidrs("203.0.113.7/32:443"))
                        .with(docs)
                        .granted()
                        .cidrs()
                        .getFirst()
                        .except())
                .isEmpty();
    }

    @Test
    void reservedRangesAreNeverOpenedInEitherFamily() {
        Scene.Rule everything = policy("docs", cidrs("0.0.0.0/0:*", "::/0:*"));
        for (String reserved : List.of(
                "169.254.169.254/32:80",
                "127.0.0.1/32:80",
                "100.100.100.200/32:80",
                "168.63.129.16/32:80",
                "10.96.0.1/32:443",
                "fd00:ec2::254/128:80",
                "fe80::1/128:80",
                "::1/128:80",
                "64:ff9b::a9fe:a9fe/128:80",
                "64:ff9b:1::/64:80",
                "::/128:80",
                "fd20:ce::254/128:80",
                "fd00:c1::a9fe:a9fe/128:80",
                "fd00:42::42/128:80",
                "fd00:a9fe:a9fe::1/128:80",
                "fd00:100::100:200/128:80",
                "2002:a9fe:a9fe::/48:80",
                "ff02::1/128:80")) {
            assertThat(aPluginAsking(cidrs(reserved)).with(everything).reasons())
                    .as(reserved)
                    .containsExactly(DenialReason.ReservedRange);
        }
        EffectivePermissions wide = aPluginAsking(cidrs("0.0.0.0/0:443", "::/0:443"))
                .with(everything)
                .granted();
        assertThat(wide.cidrs().get(0).except())
                .extracting(Object::toString)
                .containsExactly(
                        "0.0.0.0/8",
                        "10.96.0.0/12",
                        "100.100.100.200/32",
                        "127.0.0.0/8",
                        "168.63.129.16/32",
                        "169.254.0.0/16",
                        "192.0.0.0/24",
                        "224.0.0.0/4");
        assertThat(wide.cidrs().get(1).except())
                .extracting(Object::toString)
                .contains("::1/128", "64:ff9b::/96", "2002::/16", "fd00:ec2::/32", "fe80::/10", "ff00::/8");
    }

    /** Beside another policy the fallback no longer counts, for anybody that policy is about. */
    @Test
    void whereOnlyTheFallbackCountsTheRemedyIsTheWholePolicyForThisImage() {
        var scene = aPluginAsking(env("LANG"), cidrs("203.0.113.0/24:443"))
                .with(policy("all", env("*")).fallback());
        assertThat(scene.denied().getFirst().remedy())
                .isEqualTo("A new ClusterPluginPolicy, in place of the fallback for this image, would allow it with:"
                        + " grants: {network: {cidrs: [\"203.0.113.0/24:443\"]}};"
                        + " an execution's status.plan.policy has the whole of it");
    }

    /** It takes the fallback's place, so what that gave besides would be lost, and its limits hold no longer. */
    @Test
    void theProposalKeepsWhatTheFallbackGave() {
        Scene.Rule fallback = policy("all", limit(MEMORY, 64 << 20)).fallback();
        fallback.pullSecrets = Set.of("registry");
        fallback.tolerated = Set.of("landlock");
        Scene scene = aPluginAsking(env("LANG"), limit(MEMORY, 128 << 20)).with(fallback);
        assertThat(new PolicySet(scene.clusterRules, List.of())
                        .proposal(scene.request(), Scene.EXCEPTED, Scene.NOW)
                        .orElseThrow())
                .endsWith("""
                          grants: {env: ["LANG"]}
                          imagePullSecrets: ["registry"]
                          tolerateUnenforced: ["landlock"]
                        """);
    }

    @Test
    void whatIsProposedReadsBackAsItWas() throws JsonProcessingException {
        assertThat(new YAMLMapper().readValue(Yaml.list(List.of("a\\b", "c\"d")), String[].class))
                .containsExactly("a\\b", "c\"d");
    }

    // --- images, limits

    @Test
    void nothingIsProposedWhereAllThatIsAskedIsGranted() {
        Scene scene =
                aPluginAsking(limit(MEMORY, Limits.DEFAULTS.memoryBytes())).with(policy("docs"));
        PolicySet policies = new PolicySet(scene.clusterRules, List.of());
        assertThat(policies.proposal(scene.request(), Scene.EXCEPTED, Scene.NOW))
                .isEmpty();
        Scene more = aPluginAsking(limit(MEMORY, Limits.DEFAULTS.memoryBytes() + 1));
        assertThat(policies.proposal(more.request(), Scene.EXCEPTED, Scene.NOW)).isPresent();
    }

    @Test
    void whatNoPolicyCanOpenIsNotProposed() {
        Scene scene = aPluginAsking(
                cidrs("203.0.113.0/24:443", "169.254.169.254/32:80"),
                hosts("api.example.org"),
                denyHosts("own.example.org"));
        AlwaysExcepted withoutHosts = Scene.EXCEPTED.andHosts();
        PolicySet none = new PolicySet(List.of(), List.of());
        String grants = "grants: {network: {cidrs: [\"203.0.113.0/24:443\"]}}";
        assertThat(none.proposal(scene.request(), withoutHosts, Scene.NOW))
                .hasValueSatisfying(text -> assertThat(text).contains("  " + grants + "\n"));
        assertThat(none.decide(scene.request(), withoutHosts, Scene.NOW))
                .isInstanceOfSatisfying(
                        Verdict.Denied.class,
                        denied ->
                                assertThat(denied.denials().getFirst().remedy()).endsWith(", " + grants + "}"));
    }

    @Test
    void anImageWithoutDigestNeedsAPolicyThatSaysSo() {
        Scene scene = aPluginAsking().with(policy("docs"));
        scene.image = "registry.example.org/team/link-checker:1.4";
        assertThat(scene.reasons()).containsExactly(DenialReason.ImageNotPinned);
        scene.with(policy("tags").allowingTags()).granted();
    }

    @Test
    void limitsAreTheSmallestOfAllLayersAndSayWhoSetThem() {
        Scene scene = aPluginAsking(limit(MEMORY, 1L << 30), limit(TIMEOUT, 120_000))
                .with(
                        policy("docs", limit(MEMORY, 512L << 20), limit(TIMEOUT, 600_000)),
                        policy("base", limit(MEMORY, 768L << 20)))
                .with(limitedTo("ns", limit(TIMEOUT, 100_000)));
        scene.timeout = OptionalLong.of(90_000);
        assertThat(lines(scene))
                .contains(
                        "limits.memory 512Mi (1Gi asked) ← ClusterPluginPolicy/docs",
                        "limits.timeout 1m30s ← PluginExecution",
                        "limits.cpu 500m ← built-in default");
        scene.timeout = OptionalLong.of(110_000);
        assertThat(lines(scene)).contains("limits.timeout 1m40s (1m50s asked) ← PluginPolicy/ns");
    }

    @Test
    void askingForALimitIsNotBeingGrantedIt() {
        assertThat(lines(aPluginAsking(limit(MEMORY, 1L << 40)).with(policy("docs"))))
                .contains("limits.memory 256Mi (1Ti asked) ← built-in default");
    }

    @Test
    void processorTimeIsBoundedWhereSomebodySaysSo() {
        assertThat(aPluginAsking().with(policy("docs")).granted().limits().cpuTimeMillis())
                .isEmpty();
        EffectivePermissions both = aPluginAsking(limit(CPU_TIME, 9_000))
                .with(policy("docs", limit(CPU_TIME, 2_000)))
                .granted();
        assertThat(both.limits().cpuTimeMillis()).hasValue(2_000);
        assertThat(both.lines())
                .extracting(EffectiveLine::toString)
                .contains("limits.cpuTime 2s (9s asked) ← ClusterPluginPolicy/docs");
        assertThat(aPluginAsking(limit(CPU_TIME, 9_000))
                        .with(policy("docs"))
                        .granted()
                        .limits()
                        .cpuTimeMillis())
                .hasValue(9_000);
    }

    // --- secrets, variables, services, placement

    @Test
    void onlyTheNamedKeysOfAGrantedSecretAreEffective() {
        Scene scene = aPluginAsking(secret("docs-token", "token", "user"))
                .with(policy("docs", secret("docs-token")))
                .naming(SecretKeys.of("docs-token", "token"));
        assertThat(scene.granted().secrets()).containsExactly(SecretKeys.of("docs-token", "token"));
        assertThat(lines(scene)).contains("secret docs-token[token] ← ClusterPluginPolicy/docs");
        assertThat(scene.naming().granted().secrets()).isEmpty();
        assertThat(scene.naming(SecretKeys.of("docs-token")).granted().secrets())
                .containsExactly(SecretKeys.of("docs-token", "token", "user"));
        assertThat(scene.naming(SecretKeys.of("docs-token", "token", "admin")).reasons())
                .containsExactly(DenialReason.SecretNotAsked);
        assertThat(scene.naming(SecretKeys.of("other", "token")).reasons())
                .containsExactly(DenialReason.SecretNotAsked);
    }

    @Test
    void keysOfOneSecretMayComeFromSeveralPolicies() {
        Scene scene = aPluginAsking(secret("s", "a", "b"))
                .with(policy("one", secret("s", "a")), policy("two", secret("s", "b")))
                .naming(SecretKeys.of("s", "a", "b"));
        assertThat(scene.granted().secrets()).containsExactly(SecretKeys.of("s", "a", "b"));
        assertThat(lines(scene)).contains("secret s[a, b] ← ClusterPluginPolicy/one, ClusterPluginPolicy/two");
        scene.clusterRules.removeLast();
        assertThat(scene.denied()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.SecretNotGranted);
            assertThat(denial.remedy()).endsWith("grants: {secrets: [{name: \"s\", keys: [\"b\"]}]}");
        });
    }

    @Test
    void aWholeSecretIsNeverMountedUnnamed() {
        Scene scene = aPluginAsking(secret("s")).with(policy("docs", secret("s")));
        assertThat(scene.naming(SecretKeys.of("s")).reasons()).containsExactly(DenialReason.SecretKeysUnnamed);
        assertThat(scene.naming(SecretKeys.of("s", "a")).granted().secrets()).containsExactly(SecretKeys.of("s", "a"));
        assertThat(aPluginAsking(secret("s"))
                        .with(policy("docs", secret("s", "a")))
                        .reasons())
                .containsExactly(DenialReason.SecretNotGranted);
    }

    @Test
    void variablesMustBeAskedForByThePlugin() {
        Scene scene = aPluginAsking(env("CHECK_*")).with(policy("docs", env("*")));
        scene.setting("CHECK_DEPTH").granted();
        assertThat(scene.setting("CHECK_DEPTH", "OTHER").denied())
                .singleElement()
                .satisfies(denial -> {
                    assertThat(denial.reason()).isEqualTo(DenialReason.EnvNotAsked);
                    assertThat(denial.path()).isEqualTo("spec.env[1].name");
                });
    }

    @Test
    void aServiceHasLabelsAndPorts() {
        for (Map<String, String> labels : List.of(Map.<String, String>of(), Map.of("app", "db"))) {
            List<Ports> ports = labels.isEmpty() ? List.of(Ports.tcp(5432)) : List.of();
            assertThatThrownBy(() -> new ServiceDefinition("orders-db", "data", new TreeMap<>(labels), ports))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static ServiceDefinition ordersDb(String namespace) {
        return service("orders-db", namespace);
    }

    private static ServiceDefinition service(String name, String namespace) {
        return new ServiceDefinition(name, namespace, new TreeMap<>(Map.of("app", "db")), List.of(Ports.tcp(5432)));
    }

    @Test
    void aServiceIsWhatTheGrantingPolicySays() {
        Scene.Rule granting = policy("docs", services("orders-db")).defining(ordersDb("data"));
        assertThat(aPluginAsking(services("orders-db")).with(granting).granted().services())
                .containsExactly(ordersDb("data"));
        assertThat(aPluginAsking(services("orders-db"))
                        .with(policy("docs", services("orders-db", "mail"))
                                .defining(ordersDb("data"), service("mail", "office")))
                        .granted()
                        .services())
                .containsExactly(ordersDb("data"));
        assertThat(aPluginAsking(services("orders-db"))
                        .with(policy("other").defining(ordersDb("elsewhere")), granting)
                        .granted()
                        .services())
                .containsExactly(ordersDb("data"));
        assertThat(aPluginAsking(services("orders-db"))
                        .with(policy("other", services("orders-db")).defining(ordersDb("elsewhere")), granting)
                        .reasons())
                .containsExactly(DenialReason.AmbiguousService);
        assertThat(aPluginAsking(services("orders-db"))
                        .with(policy("docs", services("orders-db")))
                        .reasons())
                .containsExactly(DenialReason.UndefinedService);
    }

    private static PlacementGrant on(String zone, String runtimeClass) {
        return new PlacementGrant(
                new TreeMap<>(Map.of("zone", zone)),
                List.of(),
                Optional.empty(),
                Optional.of(runtimeClass),
                OptionalLong.empty());
    }

    @Test
    void placementsUniteAndConflictsRefuse() {
        Scene.Rule one = policy("one").placing(on("a", "gvisor"));
        assertThat(aPluginAsking().with(one, policy("two")).granted().placement())
                .isEqualTo(on("a", "gvisor"));
        assertThat(aPluginAsking()
                        .with(one, policy("two").placing(on("b", "kata")))
                        .reasons())
                .containsExactly(DenialReason.PlacementConflict, DenialReason.PlacementConflict);
    }

    private static PlacementGrant waitingWith(long cpuMillis) {
        return new PlacementGrant(
                new TreeMap<>(), List.of(), Optional.empty(), Optional.empty(), OptionalLong.of(cpuMillis));
    }

    @Test
    void podsWaitWithTheLeastCpuOfAllPolicies() {
        assertThat(aPluginAsking()
                        .with(
                                policy("one").placing(waitingWith(20)),
                                policy("two").placing(waitingWith(5)))
                        .with(policy("three"))
                        .granted()
                        .placement()
                        .waitingCpuMillis())
                .hasValue(5);
    }

    private static NamedArtifact left(boolean catalogue, String plugin, String artifact) {
        return new NamedArtifact(
                "spec.inputFrom.artifact", "before", artifact, Optional.of(new PluginName(catalogue, plugin)));
    }

    @Test
    void anArtifactIsTakenFromThePluginThatIsAskedForAndGranted() {
        assertThat(aPluginAsking(artifacts("collect/report"))
                        .with(policy("docs", artifacts("collect/*")))
                        .taking(left(true, "collect", "report"))
                        .granted()
                        .artifacts())
                .hasToString("[collect/report]");
        assertThat(aPluginAsking(artifacts("collect/report"))
                        .with(policy("docs", artifacts("*/report")))
                        .taking(left(false, "collect", "report"))
                        .granted()
                        .artifacts())
                .hasToString("[collect/report]");
    }

    @Test
    void anArtifactOfAnotherPluginIsNotTaken() {
        Scene scene = aPluginAsking(artifacts("collect/report")).with(policy("docs", artifacts("*/*")));
        assertThat(scene.taking(left(true, "payroll", "report")).reasons())
                .containsExactly(DenialReason.ArtifactNotAsked);
        assertThat(scene.taking(left(true, "collect", "other")).denied())
                .singleElement()
                .satisfies(denial -> {
                    assertThat(denial.path()).isEqualTo("spec.inputFrom.artifact");
                    assertThat(denial.remedy()).contains("artifacts: {read: [\"collect/other\"]}");
                });
        assertThat(aPluginAsking()
                        .with(policy("docs", artifacts("*/*")))
                        .taking(left(true, "collect", "report"))
                        .reasons())
                .containsExactly(DenialReason.ArtifactNotAsked);
    }

    /** Otherwise whoever may write a Plugin gives a copy of payroll's the name that is granted, and reads payroll's artifacts. */
    @Test
    void aGrantByNameIsNotForPluginsWhoseNameATenantChose() {
        Scene scene = aPluginAsking(artifacts("collect/report"))
                .with(policy("docs", artifacts("collect/report")))
                .taking(left(false, "collect", "report"));
        assertThat(scene.denied()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.ArtifactNotGranted);
            assertThat(denial.message()).contains("a grant by name is about ClusterPlugins");
            assertThat(denial.remedy()).contains("artifacts: {read: [\"*/report\"]}");
        });
    }

    @Test
    void aDenyOrALimitByNameIsForPluginsOfBothKinds() {
        for (boolean catalogue : List.of(true, false)) {
            NamedArtifact report = left(catalogue, "collect", "report");
            Scene.Rule any = policy("docs", artifacts("*/*"));
            assertThat(aPluginAsking(artifacts("*/report"))
                            .with(any)
                            .with(denying("no", artifacts("payroll/*")))
                            .taking(report)
                            .reasons())
                    .as("the asking alone could reach payroll's")
                    .containsExactly(DenialReason.DeniedByPolicy);
            assertThat(aPluginAsking(artifacts("collect/report"))
                            .with(any)
                            .with(denying("no", artifacts("collect/*")))
                            .taking(report)
                            .reasons())
                    .containsExactly(DenialReason.DeniedByPolicy);
            assertThat(aPluginAsking(artifacts("collect/report"))
                            .with(any)
                            .with(limitedTo("some", artifacts("collect/report")))
                            .taking(report)
                            .granted()
                            .artifacts())
                    .hasSize(1);
            assertThat(aPluginAsking(artifacts("collect/report"))
                            .with(any)
                            .with(limitedTo("some", artifacts("other/report")))
                            .taking(report)
                            .reasons())
                    .containsExactly(DenialReason.NarrowedByNamespace);
        }
    }

    /** Who left it is not known yet: only the asking is judged, and the execution waits. */
    @Test
    void anArtifactOfAnUndecidedExecutionMustAtLeastBeAskedFor() {
        NamedArtifact undecided = new NamedArtifact("spec.files[0].artifact", "before", "report", Optional.empty());
        Scene scene = aPluginAsking(artifacts("collect/report")).with(policy("docs", artifacts("collect/report")));
        assertThat(scene.taking(undecided).granted().artifacts()).hasSize(1);
        assertThat(aPluginAsking().with(policy("docs")).taking(undecided).reasons())
                .containsExactly(DenialReason.ArtifactNotAsked);
    }

    @Test
    void aDirectoryOfAClaimIsNamedWithinWhatThePluginAsksForAndPoliciesGrant() {
        Wording.Entry asked = Wording.claims("datasets/public/**");
        assertThat(aPluginAsking(asked)
                        .with(policy("docs", Wording.claims("datasets/**")))
                        .mounting("datasets/public/2026/**")
                        .granted()
                        .claims())
                .hasToString("[datasets/public/**]");
        assertThat(aPluginAsking(asked)
                        .with(policy("docs", Wording.claims("datasets/**")))
                        .mounting("datasets/**")
                        .denied())
                .singleElement()
                .satisfies(denial -> {
                    assertThat(denial.reason()).isEqualTo(DenialReason.ClaimNotAsked);
                    assertThat(denial.path()).isEqualTo("spec.files[0].claim");
                    assertThat(denial.remedy()).contains("files: {claims: [\"datasets/**\"]}");
                });
        assertThat(aPluginAsking(asked)
                        .with(policy("docs", Wording.claims("other/**", "datasets/public")))
                        .mounting("datasets/public/**")
                        .reasons())
                .containsExactly(DenialReason.PermissionNotGranted);
        assertThat(aPluginAsking(asked)
                        .with(policy("docs", Wording.claims("datasets/**")))
                        .with(denying("no", Wording.claims("datasets/public/2026/**")))
                        .mounting("datasets/public/2025/**")
                        .reasons())
                .as("a deny inside what is asked for refuses all of it")
                .containsExactly(DenialReason.DeniedByPolicy);
    }

    @Test
    void theHashIsOfThePodAndNotOfItsHistory() {
        EffectivePermissions one =
                aPluginAsking(env("A", "B")).with(policy("x", env("*"))).granted();
        EffectivePermissions other = aPluginAsking(env("B", "A", "B"))
                .with(policy("y", env("A", "B")))
                .granted();
        assertThat(one.hash()).hasSize(64).isEqualTo(other.hash());
        assertThat(aPluginAsking(env("AB"))
                        .with(policy("x", env("*")))
                        .granted()
                        .hash())
                .isNotEqualTo(one.hash());
    }

    /** Each gives, takes or places something else. */
    @Test
    void theHashIsOfEverythingThatShapesThePod() {
        List<EffectivePermissions> all = new ArrayList<>();
        for (Wording.Entry one : List.of(
                env("A"),
                hosts("a.example.org"),
                hosts("b.example.org"),
                cidrs("203.0.113.0/24:443"),
                cidrs("203.0.113.0/24:80"),
                peers("app=a:80"),
                peers("app=b:80"),
                artifacts("*/a"),
                artifacts("*/b"),
                Wording.claims("data/a/**"),
                Wording.claims("data/b/**"),
                Wording.files(PermissionField.FILES_READ, "/app/**"),
                Wording.files(PermissionField.FILES_WRITE, "/work/**"),
                Wording.files(PermissionField.COMMANDS, "/app/**"),
                produce("a@v1"),
                produce("b@v1"),
                limit(MEMORY, 1 << 20),
                limit(CPU_TIME, 1000))) {
            all.add(aPluginAsking(one).with(policy("docs", one)).granted());
        }
        for (String key : List.of("a", "b")) {
            all.add(aPluginAsking(secret("s", key))
                    .with(policy("docs", secret("s")))
                    .naming(SecretKeys.of("s", key))
                    .granted());
            all.add(aPluginAsking(hosts("*.example.org"), denyHosts(key + ".example.org"))
                    .with(policy("docs", hosts("*.example.org")))
                    .granted());
            all.add(aPluginAsking(Wording.capabilities(key))
                    .with(policy("docs"))
                    .with(policy("none").definingCapability(key))
                    .granted());
        }
        for (ServiceDefinition service : List.of(
                service("s", "data"),
                service("s", "other"),
                new ServiceDefinition("s", "data", new TreeMap<>(Map.of("app", "x")), List.of(Ports.tcp(5432))),
                new ServiceDefinition("s", "data", new TreeMap<>(Map.of("app", "db")), List.of(Ports.tcp(80))))) {
            all.add(aPluginAsking(services("s"))
                    .with(policy("docs", services("s")).defining(service))
                    .granted());
        }
        for (Wording.Entry denied : List.of(
                Wording.files(PermissionField.FILES_READ, "/a"),
                Wording.files(PermissionField.FILES_WRITE, "/a"),
                Wording.files(PermissionField.COMMANDS, "/a"))) {
            all.add(aPluginAsking().with(policy("docs").denying(denied)).granted());
        }
        for (PlacementGrant where : List.of(
                on("a", "gvisor"),
                on("b", "gvisor"),
                on("a", "kata"),
                waitingWith(5),
                waitingWith(6),
                tolerating(Optional.empty(), Optional.empty()),
                tolerating(Optional.of("x"), Optional.empty()),
                tolerating(Optional.empty(), Optional.of("NoExecute")),
                new PlacementGrant(
                        new TreeMap<>(), List.of(), Optional.of("high"), Optional.empty(), OptionalLong.empty()))) {
            all.add(aPluginAsking().with(policy("docs").placing(where)).granted());
        }
        Scene.Rule pulling = policy("docs");
        pulling.pullSecrets = Set.of("registry");
        Scene.Rule tolerant = policy("docs");
        tolerant.tolerated = Set.of("landlock");
        all.add(aPluginAsking().with(pulling).granted());
        all.add(aPluginAsking().with(tolerant).granted());
        all.add(aPluginAsking().with(policy("docs")).granted());
        all.add(Scene.granted(
                aPluginAsking().with(policy("docs").allowingToLearn()).learning()));

        assertThat(all).extracting(EffectivePermissions::hash).doesNotHaveDuplicates();
    }

    private static PlacementGrant tolerating(Optional<String> value, Optional<String> effect) {
        return new PlacementGrant(
                new TreeMap<>(),
                List.of(new PlacementGrant.Toleration("example.org/plugins", value, effect)),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
    }
}
