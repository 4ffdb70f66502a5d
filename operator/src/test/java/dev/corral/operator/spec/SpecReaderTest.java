package dev.corral.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.policy.ClusterRule;
import dev.corral.operator.policy.Denial;
import dev.corral.operator.policy.DenialReason;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.NamedArtifact;
import dev.corral.operator.policy.NamespaceRule;
import dev.corral.operator.policy.PolicySet;
import dev.corral.operator.policy.Request;
import dev.corral.operator.policy.Request.PluginName;
import dev.corral.operator.policy.Verdict;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From YAML, as people write it, into the core. */
class SpecReaderTest {
    private static final PluginName NAME = new PluginName(false, "link-checker");
    private static final String IMAGE = "registry.example.org/link-checker@sha256:" + "4f".repeat(32);

    private static Parsed<Request> read(String plugin, String execution) {
        return SpecReader.request(
                "team-a",
                Map.of("corral.dev/tier", "docs"),
                NAME,
                yaml(plugin.replace("IMAGE", IMAGE), PluginSpec.class),
                yaml(execution, PluginExecutionSpec.class),
                Map.of("e", new PluginName(true, "collect")));
    }

    /** The client takes text that begins with a brace for JSON. */
    private static <T> T yaml(String text, Class<T> type) {
        return Serialization.unmarshal("# yaml\n" + text, type);
    }

    private static ClusterRule clusterRule(String spec) {
        return SpecReader.clusterRule(Serialization.unmarshal(
                "metadata: {name: docs, uid: u, generation: 4}\nspec: " + spec, ClusterPluginPolicy.class));
    }

    private static NamespaceRule namespaceRule(String spec) {
        return SpecReader.namespaceRule(Serialization.unmarshal(
                "metadata: {name: ns, uid: u, generation: 2}\nspec: " + spec, PluginPolicy.class));
    }

    private static List<String> paths(List<Violation> violations) {
        return violations.stream().map(Violation::path).toList();
    }

    private static List<String> violatedPaths(String plugin, String execution) {
        return paths(read(plugin, execution).violations());
    }

    @Test
    void everySectionOfARequestIsRead() {
        Request request = read("""
                        image: IMAGE
                        permissions:
                          network: {hosts: ["docs.example.org"], cidrs: ["203.0.113.0/24:443"], peers: ["app=db:5432"], services: [orders-db]}
                          env: [LANG, "CHECK_*"]
                          secrets: [{name: docs-token, keys: [token]}, {name: other}]
                          files: {write: ["/work/**"]}
                          events: {produce: ["check.*@v1"]}
                          limits: {timeout: 2m, memory: 128Mi, cpu: 500m, cpuTime: 30s, disk: 64Mi, processes: 10, output: 1Mi, events: 0}
                        handlers:
                        - {name: other}
                        - {name: check, permissions: {env: [LANG]}}
                        """, """
                        handler: check
                        env: [{name: LANG, value: de}]
                        secrets: [{name: docs-token, keys: [token]}]
                        permissions: {network: {}}
                        inputFrom: {artifact: {execution: e, artifact: a}}
                        files: [{name: f, configMapKey: {name: c, key: k}}, {name: g, artifact: {execution: e2, artifact: b}}]
                        timeout: 90s
                        """).orElseThrow();
        assertThat(request.plugin().permissions().network().cidrs()).hasToString("[203.0.113.0/24:443]");
        assertThat(request.plugin().permissions().secrets()).hasToString("[docs-token[token], other]");
        assertThat(request.plugin().permissions().limits().get(LimitField.EVENTS))
                .hasValue(0);
        assertThat(request.plugin().permissions().limits().get(LimitField.DISK)).hasValue(64 << 20);
        assertThat(request.plugin().stated()).contains(PermissionField.values());
        assertThat(request.handler().orElseThrow().path()).isEqualTo("spec.handlers[1].permissions");
        assertThat(request.handler().orElseThrow().stated()).containsExactly(PermissionField.ENV);
        assertThat(request.execution().orElseThrow().stated())
                .containsExactly(
                        PermissionField.NETWORK_HOSTS,
                        PermissionField.NETWORK_DENY_HOSTS,
                        PermissionField.NETWORK_CIDRS,
                        PermissionField.NETWORK_PEERS,
                        PermissionField.NETWORK_SERVICES);
        assertThat(request.envNames()).containsExactly("LANG");
        assertThat(request.timeoutMillis()).hasValue(90_000);
        assertThat(request.artifacts())
                .containsExactly(
                        new NamedArtifact(
                                "spec.inputFrom.artifact", "e", "a", Optional.of(new PluginName(true, "collect"))),
                        new NamedArtifact("spec.files[1].artifact", "e2", "b", Optional.empty()));
        assertThat(request.image().digest()).isPresent();
    }

    @Test
    void everythingAbsentIsEverythingEmpty() {
        Request request =
                read("{image: IMAGE, handlers: [{name: check}]}", "{}").orElseThrow();
        assertThat(request.handler()).isEmpty();
        assertThat(request.execution()).isEmpty();
        assertThat(request.plugin().permissions().env()).isEmpty();
    }

    @Test
    void everyMalformedFieldIsNamedByItsExactPathAndItsObject() {
        List<Violation> violations = read("""
                        image: ""
                        permissions:
                          network: {cidrs: ["203.0.113.0/24:443", "10.0.0.1/8:80", null]}
                          env: [LD_PRELOAD]
                          secrets: [{keys: [a]}, {name: s, keys: [null]}]
                          limits: {memory: 1e30, processes: 0, timeout: -1s}
                        handlers: [{name: check, permissions: {events: {produce: [bad]}}}]
                        """, """
                        env: [{name: A, value: "1"}, {name: A, value: "2"}, {name: PATH, value: x}, {name: B}, null, {name: "1"}]
                        secrets: [{name: ../x}]
                        timeout: 9999999999s
                        permissions: {network: {peers: ["app:80"]}}
                        """).violations();
        assertThat(paths(violations))
                .containsExactly(
                        "spec.env[1].name",
                        "spec.env[2].name",
                        "spec.env[3]",
                        "spec.env[4].name",
                        "spec.env[5]",
                        "spec.env[5].name",
                        "spec.permissions.network.peers[0]",
                        "spec.secrets[0].name",
                        "spec.timeout",
                        "spec.handlers[0].permissions.events.produce[0]",
                        "spec.image",
                        "spec.permissions.env[0]",
                        "spec.permissions.limits.memory",
                        "spec.permissions.limits.processes",
                        "spec.permissions.limits.timeout",
                        "spec.permissions.network.cidrs[1]",
                        "spec.permissions.network.cidrs[2]",
                        "spec.permissions.secrets[0].name",
                        "spec.permissions.secrets[1].keys[0]");
        assertThat(violations.getLast().message()).startsWith("Plugin/link-checker: ");
        assertThat(violations.get(1).reason()).isEqualTo(ViolationReason.ReservedEnv);
    }

    @Test
    void theHandlerMustBeOneOfThePlugins() {
        String two = "{image: IMAGE, handlers: [{name: b}, {name: a}]}";
        assertThat(read(two, "{handler: c}").violations().getFirst().message()).endsWith("write one of: a, b");
        assertThat(violatedPaths(two, "{}")).containsExactly("spec.handler");
        assertThat(violatedPaths("{image: IMAGE}", "{}")).containsExactly("spec.handler");
    }

    @Test
    void aPluginIsLintedWithoutAnyExecution() {
        assertThat(paths(SpecReader.lint(yaml(
                        "{image: UPPER, handlers: [{name: a}, {name: a}, {permissions: {env: ['=x']}}]}",
                        PluginSpec.class))))
                .containsExactly(
                        "spec.handlers[1].name",
                        "spec.handlers[2].name",
                        "spec.handlers[2].permissions.env[0]",
                        "spec.image");
    }

    @Test
    void everyPartOfAClusterPolicyIsRead() {
        ClusterRule rule = clusterRule("""

                  fallback: true
                  expires: "2027-01-31T00:00:00+01:00"
                  namespaces: {matchLabels: {corral.dev/tier: docs}}
                  plugins: [link-checker]
                  images: ["registry.example.org/*"]
                  imageReferences: Tag
                  grants: {env: ["*"]}
                  denies: {network: {hosts: [internal.example.org], cidrs: ["203.0.113.77/32:*"], peers: ["app=db:*"]}}
                  services: [{name: orders-db, namespace: data, podLabels: {app: db}, ports: ["5432", "53/udp"]}]
                  placement: {nodeSelector: {pool: plugins}, tolerations: [{key: plugins, effect: NoSchedule}], priorityClassName: low, runtimeClassName: gvisor}
                  imagePullSecrets: [registry]
                  tolerateUnenforced: [network]
                """);
        assertThat(rule.problems()).isEmpty();
        assertThat(rule.id()).hasToString("ClusterPluginPolicy/docs");
        assertThat(rule.id().generation()).isEqualTo(4);
        assertThat(rule.expires()).contains(Instant.parse("2027-01-30T23:00:00Z"));
        assertThat(rule.allowTags()).isTrue();
        assertThat(rule.denies().network().hosts()).hasToString("[internal.example.org:*]");
        assertThat(rule.denies().network().cidrs())
                .singleElement()
                .matches(
                        denied -> denied.covers(
                                CidrGrant.parse("203.0.113.77/32:443/udp", "").orElseThrow()),
                        "by UDP, too");
        assertThat(rule.denies().network().peers())
                .singleElement()
                .matches(
                        denied -> denied.covers(
                                PeerGrant.parse("app=db:53/udp", "").orElseThrow()),
                        "by UDP, too");
        assertThat(rule.services()).hasToString("[orders-db = data{app=db}[5432, 53/udp]]");
        assertThat(rule.placement().runtimeClass()).contains("gvisor");
        assertThat(rule.pullSecrets()).containsExactly("registry");
        assertThat(rule.tolerateUnenforced()).containsExactly("network");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{grants: {env: ['=x']}} | spec.grants.env[0]",
                "{denies: {limits: {memory: 1Gi}}} | spec.denies.limits",
                "{denies: {network: {denyHosts: [a.example.org]}}} | spec.denies.network.denyHosts",
                "{grants: {files: {deny: [/x]}}} | spec.grants.files.deny",
                "{expires: tomorrow} | spec.expires",
                "{expires: '2027-01-31'} | spec.expires",
                "{namespaces: {matchLabels: {'a b': c}}} | spec.namespaces.matchLabels",
                "{plugins: [UPPER]} | spec.plugins[0]",
                "{images: ['reg*/a']} | spec.images[0]",
                "{services: [{name: db, namespace: data, ports: ['1']}]} | spec.services[0].podLabels",
                "{services: [{name: db, namespace: data, podLabels: {a: b}}]} | spec.services[0].ports",
                "{services: [{name: db, podLabels: {a: b}, ports: ['1']}]} | spec.services[0].namespace",
                "{services: [{name: db, namespace: a, podLabels: {a: b}, ports: ['1']}, {name: db, namespace: b, podLabels: {a: b}, ports: ['1']}]} | spec.services",
                "{placement: {tolerations: [{effect: NoSchedule}]}} | spec.placement.tolerations[0].key",
                "{placement: {tolerations: [{key: a, effect: Never}]}} | spec.placement.tolerations[0].effect",
                "{placement: {runtimeClassName: 'a b'}} | spec.placement.runtimeClassName",
                "{imagePullSecrets: [../x]} | spec.imagePullSecrets[0]",
                "{tolerateUnenforced: ['']} | spec.tolerateUnenforced[0]",
                "null | spec",
            })
    void whatCannotBeReadIsAProblemOfTheRule(String spec, String path) {
        assertThat(paths(clusterRule(spec).problems())).containsExactly(path);
    }

    @Test
    void aSelectorThatCannotBeReadSelectsEverything() {
        ClusterRule rule = clusterRule(
                "{plugins: [known, UPPER], images: ['registry.example.org/*', '//'], namespaces: {matchLabels: {ok: x, 'b b': c}}}");
        assertThat(rule.plugins()).isEmpty();
        assertThat(rule.images()).isEmpty();
        assertThat(rule.namespaceLabels()).isEmpty();
        assertThat(namespaceRule("{plugins: [known, null]}").plugins()).isEmpty();
    }

    @Test
    void aNamespacePolicyMayBeAllAbsent() {
        NamespaceRule rule = namespaceRule("{}");
        assertThat(rule.problems()).isEmpty();
        assertThat(rule.limitTo()).isEmpty();
        assertThat(namespaceRule("{limitTo: {}}").limitTo()).isPresent();
        assertThat(paths(namespaceRule("{limitTo: {env: ['']}}").problems())).containsExactly("spec.limitTo.env[0]");
    }

    // --- the whole way

    private static final String ASKING = """
            image: IMAGE
            permissions:
              network: {cidrs: ["203.0.113.0/24:443"], peers: ["app=db:5432"]}
              env: [LANG]
              secrets: [{name: docs-token, keys: [token, user]}, {name: all}]
              events: {produce: ["check.*@v1"]}
            handlers: [{name: check}]
            """;

    private static Verdict decide(List<ClusterRule> cluster, List<NamespaceRule> namespace) {
        return new PolicySet(cluster, namespace)
                .decide(
                        read(ASKING, "{}").orElseThrow(),
                        AlwaysExcepted.with(List.of()),
                        Instant.parse("2026-11-23T07:00:00Z"));
    }

    private static List<Denial> denials(Verdict verdict) {
        return ((Verdict.Denied) verdict).denials();
    }

    /** Each remedy pasted into a policy of its own: together they must be all that was missing. */
    @Test
    void theRemediesWorkWhenPasted() {
        List<Denial> denials = denials(decide(List.of(clusterRule("{}")), List.of()));
        assertThat(denials).hasSize(7);
        List<ClusterRule> pasted = denials.stream()
                .map(denial -> denial.remedy().split("would allow it with: ", 2)[1])
                .map(yaml -> clusterRule("{" + yaml + "}"))
                .collect(Collectors.toList());
        assertThat(pasted).allSatisfy(rule -> assertThat(rule.problems()).isEmpty());
        Verdict verdict = decide(pasted, List.of());
        assertThat(verdict).isInstanceOf(Verdict.Granted.class);
        EffectivePermissions effective = ((Verdict.Granted) verdict).effective();
        assertThat(effective.cidrs()).hasToString("[203.0.113.0/24:443]");

        List<Denial> narrowed = denials(decide(pasted, List.of(namespaceRule("{limitTo: {}}"))));
        assertThat(narrowed).hasSize(7).allMatch(denial -> denial.reason() == DenialReason.NarrowedByNamespace);
    }

    @Test
    void theRemedyForNoPolicyIsAWholePolicy() {
        Denial denial = denials(decide(List.of(), List.of())).getFirst();
        ClusterRule rule = clusterRule(denial.remedy().split("would allow it with: spec: ", 2)[1]);
        assertThat(rule.problems()).isEmpty();
        assertThat(rule.namespaceLabels()).containsEntry("kubernetes.io/metadata.name", "team-a");
        Request inItsNamespace = read(ASKING, "{}").orElseThrow();
        assertThat(rule.grants().env())
                .isEqualTo(inItsNamespace.plugin().permissions().env());
    }
}
