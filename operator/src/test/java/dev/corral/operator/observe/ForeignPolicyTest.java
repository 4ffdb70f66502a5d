package dev.corral.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One row per way a policy of somebody else can, or cannot, concern plugin pods. In doubt it does. */
class ForeignPolicyTest {
    private static final Map<String, String> TEAM = Map.of("kubernetes.io/metadata.name", "team-a", "team", "a");
    private static final Map<String, String> PODS = Map.of(
            "app.kubernetes.io/managed-by",
            "corral",
            "corral.dev/plugin-pod",
            "true",
            "sidecar.istio.io/inject",
            "false");

    private static final String THINGS = """
            [null, 5, true, "x", "", "\\"'", [], [null], [5], ["a", "a"], [[]], {}, {"a": 5}, {"a": null}]
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {}                                                                            | egress: [{}]                             | egress
            {}                                                                            | ingress: [{}], egress: [{}]              | ingress and egress
            {}                                                                            | egress: [{ports: [{port: 53}]}]          | egress
            {}                                                                            | egress: []                               |
            {}                                                                            | policyTypes: [Ingress], egress: [{}]     |
            {}                                                                            | policyTypes: [Ingress], ingress: [{}]    | ingress
            {matchLabels: {corral.dev/plugin-pod: 'true'}}                                | egress: [{}]                             | egress
            {matchLabels: {corral.dev/plugin-pod: 'false'}}                               | egress: [{}]                             |
            {matchLabels: {corral.dev/network-class: abc}}                                | egress: [{}]                             | egress
            {matchLabels: {app.kubernetes.io/managed-by: corral}}                         | egress: [{}]                             | egress
            {matchLabels: {sidecar.istio.io/inject: 'false'}}                             | egress: [{}]                             | egress
            {matchLabels: {topology.kubernetes.io/zone: a}}                               | egress: [{}]                             | egress
            {matchLabels: {pcns.kubernetes.io/metadata.name: team-a}}                     | egress: [{}]                             | egress
            {matchLabels: {projectcalico.org/namespace: team-a}}                          | egress: [{}]                             | egress
            {matchLabels: {io.cilium.k8s.policy.serviceaccount: corral-plugin}}           | egress: [{}]                             | egress
            {matchLabels: {io.kubernetes.pod.namespace: team-a}}                          | egress: [{}]                             | egress
            {matchLabels: {app: web}}                                                     | egress: [{}]                             |
            {matchExpressions: [{key: app, operator: In, values: [a]}]}                   | egress: [{}]                             |
            {matchExpressions: [{key: app, operator: Exists}]}                            | egress: [{}]                             |
            {matchExpressions: [{key: app, operator: NotIn, values: [a]}]}                | egress: [{}]                             | egress
            {matchExpressions: [{key: app, operator: DoesNotExist}]}                      | egress: [{}]                             | egress
            {matchExpressions: [{key: corral.dev/plugin-pod, operator: DoesNotExist}]}    | egress: [{}]                             |
            {matchExpressions: [{key: corral.dev/plugin-pod, operator: NotIn, values: ['true']}]} | egress: [{}]                     |
            """)
    void networkPolicy(String selector, String rules, String opens) {
        opens(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "namespace: team-a",
                "{podSelector: " + selector + ", " + rules + "}",
                opens);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {endpointSelector: {}, egress: [{toEntities: [world]}]}                                              | egress
            {endpointSelector: {}, ingress: [{fromEntities: [all]}]}                                             | ingress
            {endpointSelector: {}, egress: [{}]}                                                                 |
            {endpointSelector: {}, egressDeny: [{toEntities: [world]}]}                                          |
            {nodeSelector: {}, egress: [{toEntities: [world]}]}                                                  |
            {endpointSelector: {}, nodeSelector: {}, egress: [{toEntities: [world]}]}                            | egress
            {nodeSelector: null, egress: [{toEntities: [world]}]}                                                | egress
            {endpointSelector: {matchLabels: {app: web}}, egress: [{toEntities: [world]}]}                       |
            {endpointSelector: {matchLabels: {'k8s:app': web}}, egress: [{toEntities: [world]}]}                 |
            {endpointSelector: {matchLabels: {'any:corral.dev/plugin-pod': 'true'}}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': team-a}}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchLabels: {'io.cilium.k8s.namespace.labels.team': a}}, egress: [{toEntities: [world]}]}  | egress
            {endpointSelector: {matchLabels: {'io.cilium.k8s.namespace.labels.team': b}}, egress: [{toEntities: [world]}]}  |
            {endpointSelector: {matchLabels: {'io.cilium.k8s.policy.serviceaccount': corral-plugin}}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchLabels: {'io.cilium.k8s.policy.serviceaccount': default}}, egress: [{toEntities: [world]}]} |
            {endpointSelector: {matchExpressions: [{key: corral.dev/plugin-pod, operator: DoesNotExist}]}, egress: [{toEntities: [world]}]} |
            {endpointSelector: {matchExpressions: [{key: 'any:corral.dev/plugin-pod', operator: DoesNotExist}]}, egress: [{toEntities: [world]}]} |
            {endpointSelector: {matchExpressions: [{key: k8s.corral.dev/plugin-pod, operator: DoesNotExist}]}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchExpressions: [{key: 'container:corral.dev/plugin-pod', operator: DoesNotExist}]}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchLabels: {':corral.dev/plugin-pod': 'true'}}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchLabels: {'app.kubernetes.io/managed-by=x': corral}}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchLabels: {'$init': ''}}, egress: [{toEntities: [world]}]} | egress
            {endpointSelector: {matchLabels: {reserved.init: ''}}, egress: [{toEntities: [world]}]} | egress
            """)
    void cilium(String spec, String opens) {
        opens("cilium.io/v2", "CiliumNetworkPolicy", "namespace: team-a", spec, opens);
        opens("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "", spec, opens);
    }

    @Test
    void alternativesOfCalicoMaySelect() {
        calico("{selector: \"app == 'web' || all()\", egress: [{action: Allow}]}", "egress");
    }

    /** Cilium puts the policy's own namespace over it. */
    @Test
    void aPolicyOfCiliumInANamespaceCannotAskForAnother() {
        var spec =
                "{endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': team-b}}, egress: [{toEntities: [world]}]}";
        opens("cilium.io/v2", "CiliumNetworkPolicy", "namespace: team-a", spec, "egress");
        opens("cilium.io/v2", "CiliumClusterwideNetworkPolicy", "", spec, null);
    }

    /** What Calico matches to plugin pods, however it is written; and what of it is read. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x != 'a && !has(corral.dev/plugin-pod) && b'                                    | egress
            x != "a && !has(corral.dev/plugin-pod) && b"                                    | egress
            x != "'" && y != ' && has(app) && '                                             | egress
            x != 'a' && y != "b && has(app) && c"                                           | egress
            x != 'a                                                                         | egress
            has(app) && x != 'a b'                                                          | egress
            corral.dev/plugin-pod not in {'t rue'}                                          | egress
            corral.dev/plugin-pod not in {'true,'}                                          | egress
            corral.dev/plugin-pod not in {"a,true"}                                         | egress
            corral.dev/plugin-pod not in {"'true'"}                                         | egress
            corral.dev/plugin-pod not in {'a', "true"}                                      |
            pcns.team == 'a'                                                                | egress
            has(pcns.projectcalico.org/name)                                                | egress
            pcsa.projectcalico.org/name == 'corral-plugin'                                  | egress
            !!has(corral.dev/plugin-pod)                                                    | egress
            ! ! has(corral.dev/plugin-pod)                                                  | egress
            !app == 'web'                                                                   | egress
            !app in {'web'}                                                                 | egress
            !(has(corral.dev/plugin-pod) && has(app))                                       | egress
            `has(app) || all()`                                                             | egress
            has(app) && (has(b))                                                            | egress
            has(app) && nonsense                                                            | egress
            has(app)<newline>                                                               | egress
            has(app) &&<newline>has(b)                                                      | egress
            global()                                                                        | egress
            corral.dev/plugin-pod starts with 't'                                           | egress
            app in {}                                                                       | egress
            app in {'a', 'a'}                                                               |
            app in{"a"}                                                                     |
            app=="a"&&has(b)                                                                |
            has( app )                                                                      |
            <tab>! <tab>has(<tab>corral.dev/plugin-pod )<tab>                               |
            all() && b contains 'x' && !has(corral.dev/plugin-pod)                          |
            in in {'a'} && not not in {'b'}                                                 |
            """)
    void selectorOfCalico(String selector, String opens) {
        var written = selector.replace("<tab>", "\t").replace("<newline>", "\n");
        calico("{selector: %s, egress: [{action: Allow}]}".formatted(Serialization.asJson(written)), opens);
    }

    /** Calico drops a selector of namespaces that it cannot read, and the policy is for all of them. */
    @Test
    void aSelectorOfNamespacesThatCalicoCannotReadLeavesNoneOut() {
        calico("{namespaceSelector: \"team == 'b' && nonsense\", egress: [{action: Allow}]}", "egress");
        calico("{namespaceSelector: \"team == 'b'\\n\", egress: [{action: Allow}]}", "egress");
    }

    /** As many as an object may hold, and as long. */
    @Test
    void aSelectorOfAnyLengthIsRead() {
        calico("{selector: \"app in {%s'b'}\", egress: [{action: Allow}]}".formatted("'a', ".repeat(200_000)), null);
        calico("{selector: \"%shas(app)\", egress: [{action: Allow}]}".formatted("all() && ".repeat(100_000)), null);
        calico("{selector: \"%shas(app)\", egress: [{action: Allow}]}".formatted("!".repeat(1_000_000)), "egress");
    }

    @Test
    void ciliumPoliciesMayHoldSeveral() {
        var policy = policy("cilium.io/v2", "CiliumNetworkPolicy", "namespace: team-a", """
                {}
                specs:
                  - {endpointSelector: {matchLabels: {app: web}}, egress: [{toEntities: [world]}]}
                  - {endpointSelector: {}, egress: [{toEntities: [world]}]}
                """);

        assertThat(ForeignPolicy.opening(policy, "team-a", TEAM, PODS)).isPresent();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {egress: [{action: Allow}]}                                                     | egress
            {selector: all(), egress: [{action: Allow}], ingress: [{action: Pass}]}         | ingress and egress
            {selector: all(), egress: [{action: Deny}, {action: Log}]}                      |
            {selector: "app == 'web'", egress: [{action: Allow}]}                           |
            {selector: "app != 'web'", egress: [{action: Allow}]}                           | egress
            {selector: "has(app)", egress: [{action: Allow}]}                               |
            {selector: "!has(app)", egress: [{action: Allow}]}                              | egress
            {selector: "!has(corral.dev/plugin-pod)", egress: [{action: Allow}]}            |
            {selector: "has(corral.dev/plugin-pod) && app == 'x'", egress: [{action: Allow}]} |
            {selector: "app in {'a', 'b'}", egress: [{action: Allow}]}                      |
            {selector: "app not in {'a'}", egress: [{action: Allow}]}                       | egress
            {selector: "(app == 'x')", egress: [{action: Allow}]}                           | egress
            {selector: "app contains 'x'", egress: [{action: Allow}]}                       | egress
            {selector: "projectcalico.org/namespace == 'team-b'", egress: [{action: Allow}]} |
            {selector: all(), egress: [{action: ''}]}                                       | egress
            {serviceAccountSelector: "projectcalico.org/name == 'web'", egress: [{action: Allow}]} |
            {serviceAccountSelector: "projectcalico.org/name == 'corral-plugin'", egress: [{action: Allow}]} | egress
            {serviceAccountSelector: "role == 'web'", egress: [{action: Allow}]}            | egress
            {namespaceSelector: "team == 'b'", egress: [{action: Allow}]}                   |
            {namespaceSelector: "team == 'a'", egress: [{action: Allow}]}                   | egress
            """)
    void calico(String spec, String opens) {
        opens("crd.projectcalico.org/v1", "GlobalNetworkPolicy", "", spec, opens);
        opens("projectcalico.org/v3", "NetworkPolicy", "namespace: team-a", spec, opens);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {subject: {namespaces: {}}, egress: [{action: Allow}]}                                          | egress
            {subject: {namespaces: {}}, ingress: [{action: Accept}]}                                        | ingress
            {tier: Admin, subject: {namespaces: {matchLabels: {team: a}}}, egress: [{action: Accept}]}      | egress
            {tier: Baseline, subject: {namespaces: {}}, egress: [{action: Accept}]}                         |
            {subject: {namespaces: {matchLabels: {team: b}}}, egress: [{action: Accept}]}                   |
            {subject: {namespaces: {matchExpressions: [{key: projectcalico.org/name, operator: DoesNotExist}]}}, egress: [{action: Accept}]} | egress
            {subject: {namespaces: {}}, egress: [{action: Pass}, {action: Deny}]}                           |
            {subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: x}}}}, egress: [{action: Accept}]} |
            {subject: {pods: {namespaceSelector: {}, podSelector: {}}}, egress: [{action: Accept}]}         | egress
            """)
    void policyApi(String spec, String opens) {
        opens("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", spec, opens);
        opens("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "", spec, opens);
    }

    @Test
    void policyOfAnotherNamespaceIsNoneOfOurs() {
        var policy =
                policy("networking.k8s.io/v1", "NetworkPolicy", "namespace: team-b", "{podSelector: {}, egress: [{}]}");

        assertThat(ForeignPolicy.opening(policy, "team-a", TEAM, PODS)).isEmpty();
    }

    @Test
    void whatIsFoundIsNamedWithWhatToDo() {
        var policy =
                policy("networking.k8s.io/v1", "NetworkPolicy", "namespace: team-a", "{podSelector: {}, egress: [{}]}");

        assertThat(ForeignPolicy.opening(policy, "team-a", TEAM, PODS)
                        .orElseThrow()
                        .message())
                .isEqualTo("NetworkPolicy theirs opens egress of plugin pods;"
                        + " let its selector leave them out: corral.dev/plugin-pod DoesNotExist");
    }

    /** Ours are known by name, label and pods, those of other installations and releases too; what they say beyond that others compare. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            corral-default-deny | corral | {matchLabels: {corral.dev/plugin-pod: 'true'}}                                   |
            corral-default-deny | corral | {}                                                                               |
            corral-default-deny | me     | {}                                                                               | egress
            corral-class-ab     | corral | {matchLabels: {corral.dev/plugin-pod: 'true', corral.dev/network-class: ab}}     |
            corral-class-ab     | me     | {matchLabels: {corral.dev/plugin-pod: 'true', corral.dev/network-class: ab}}     | egress
            corral-class-ab     | corral | {matchLabels: {corral.dev/plugin-pod: 'true', corral.dev/network-class: cd}}     | egress
            corral-class-ab     | corral | {matchLabels: {corral.dev/plugin-pod: 'true'}}                                   | egress
            corral-class-ab     | corral | {matchLabels: {corral.dev/network-class: ab}}                                    | egress
            corral-class-ab     | corral | {matchExpressions: [{key: corral.dev/network-class, operator: In, values: [ab, cd]}]} | egress
            corral-class-       | corral | {}                                                                               | egress
            allow-all           | corral | {matchLabels: {corral.dev/plugin-pod: 'true', corral.dev/network-class: ab}}     | egress
            allow-web           | corral | {matchLabels: {app: web}}                                                        |
            """)
    void whatPassesForOursIsForeign(String name, String label, String selector, String opens) {
        var policy = policy(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "namespace: team-a, uid: u, labels: {app.kubernetes.io/managed-by: " + label + "}",
                "{podSelector: " + selector + ", policyTypes: [Egress], egress: [{}]}");
        policy.getMetadata().setName(name);

        var opening = ForeignPolicy.opening(policy, "team-a", TEAM, PODS);

        assertThat(opening.map(NetworkOpening::what)).isEqualTo(Optional.ofNullable(opens));
        assertThat(opening.flatMap(NetworkOpening::stray))
                .as("who may delete it")
                .isEqualTo(
                        opens != null && label.equals("corral")
                                ? Optional.of(new NetworkOpening.Stray("team-a", name, "u"))
                                : Optional.empty());
        assertThat(ForeignPolicy.opening(ForeignPolicy.slim(policy, PODS), "team-a", TEAM, PODS))
                .isEqualTo(opening);
        assertThat(ForeignPolicy.mayOpen(policy, PODS)).isEqualTo(opens != null);
    }

    /** A network plugin's kind with that label anybody may write, and delete. */
    @Test
    void theLabelSaysNothingOnANetworkPluginsKind() {
        var policy = policy(
                "cilium.io/v2",
                "CiliumNetworkPolicy",
                "namespace: team-a, labels: {app.kubernetes.io/managed-by: corral}",
                "{endpointSelector: {}, egress: [{toEntities: [world]}]}");
        policy.getMetadata().setName("corral-default-deny");

        assertThat(ForeignPolicy.opening(policy, "team-a", TEAM, PODS))
                .hasValueSatisfying(opening -> assertThat(opening.stray()).isEmpty());
    }

    private static void opens(String version, String kind, String namespace, String spec, String opens) {
        var policy = policy(version, kind, namespace, spec);
        assertThat(ForeignPolicy.opening(policy, "team-a", TEAM, PODS).map(NetworkOpening::what))
                .as("%s %s", kind, spec)
                .isEqualTo(Optional.ofNullable(opens));
        assertThat(ForeignPolicy.opening(ForeignPolicy.slim(policy, PODS), "team-a", TEAM, PODS))
                .as("%s %s as a cache keeps it", kind, spec)
                .isEqualTo(ForeignPolicy.opening(policy, "team-a", TEAM, PODS));
    }

    @Test
    void ofALargeNetworkPolicyLittleIsKept() {
        var large = policy(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "namespace: team-a",
                "{podSelector: {}, egress: [%s]}".formatted("{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}, ".repeat(5_000)));
        large.getMetadata().setAnnotations(Map.of("a", "x".repeat(250_000)));
        large.getMetadata().setResourceVersion("7");

        var slim = ForeignPolicy.slim(large, PODS);

        assertThat(Serialization.asJson(slim)).hasSizeLessThan(250);
        assertThat(ForeignPolicy.opening(slim, "team-a", TEAM, PODS).map(NetworkOpening::what))
                .contains("egress");
        assertThat(slim.getMetadata().getResourceVersion()).isEqualTo("7");
    }

    /** Every field in turn holds every kind of thing. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            networking.k8s.io/v1              | NetworkPolicy        | spec: {podSelector: {matchLabels: {corral.dev/plugin-pod: 'true'}, matchExpressions: [{key: app, operator: NotIn, values: [a]}]}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{ports: [{port: 53}]}]}
            cilium.io/v2                      | CiliumNetworkPolicy  | spec: {endpointSelector: {matchLabels: {'k8s:corral.dev/plugin-pod': 'true'}}, egress: [{toEntities: [world]}], ingress: [{fromEntities: [all]}]}
            cilium.io/v2                      | CiliumNetworkPolicy  | specs: [{endpointSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}, egress: [{toEntities: [world]}]}]
            crd.projectcalico.org/v1          | GlobalNetworkPolicy  | spec: {selector: "app != 'a'", namespaceSelector: "team == 'a'", serviceAccountSelector: all(), ingress: [{action: Pass}], egress: [{action: Allow, protocol: TCP}]}
            policy.networking.k8s.io/v1alpha2 | ClusterNetworkPolicy | spec: {tier: Admin, subject: {pods: {namespaceSelector: {matchLabels: {team: a}}, podSelector: {}}}, ingress: [{action: Accept}], egress: [{action: Accept}]}
            policy.networking.k8s.io/v1alpha1 | AdminNetworkPolicy   | spec: {subject: {namespaces: {matchExpressions: [{key: team, operator: In, values: [a]}]}}, egress: [{action: Allow}]}
            """)
    void nothingAPolicyHoldsBreaksTheLookAtItOrHidesIt(String version, String kind, String content) {
        var whole = Serialization.unmarshal(content, ObjectNode.class);
        for (var path : paths(whole, "").skip(1).toList()) {
            for (var thing : Serialization.unmarshal(THINGS, JsonNode.class)) {
                ObjectNode changed = whole.deepCopy();
                var place = JsonPointer.compile(path);
                if (changed.at(place.head()) instanceof ObjectNode object) {
                    object.set(place.last().getMatchingProperty(), thing);
                } else {
                    ((ArrayNode) changed.at(place.head())).set(place.last().getMatchingIndex(), thing);
                }
                changed.put("apiVersion", version)
                        .put("kind", kind)
                        .putObject("metadata")
                        .put("name", "theirs");
                var policy = Serialization.unmarshal(changed.toString(), GenericKubernetesResource.class);

                var opening = ForeignPolicy.opening(policy, "team-a", TEAM, PODS);

                assertThat(ForeignPolicy.opening(ForeignPolicy.slim(policy, PODS), "team-a", TEAM, PODS))
                        .as("%s %s as a cache keeps it", kind, changed)
                        .isEqualTo(opening);
                if (!thing.isNull() && thing.getNodeType() != whole.at(place).getNodeType()) {
                    assertThat(opening).as("%s %s", kind, changed).isPresent();
                }
            }
        }
    }

    private static Stream<String> paths(JsonNode node, String path) {
        return Stream.concat(
                Stream.of(path),
                node.isArray()
                        ? IntStream.range(0, node.size())
                                .boxed()
                                .flatMap(index -> paths(node.get(index), path + "/" + index))
                        : node.properties().stream()
                                .flatMap(field -> paths(
                                        field.getValue(),
                                        path + "/" + field.getKey().replace("/", "~1"))));
    }

    @Test
    void whatCannotBeReadOpensEverything() {
        var broken = policy("cilium.io/v2", "CiliumNetworkPolicy", "namespace: team-a", "[]");

        assertThat(ForeignPolicy.opening(broken, "team-a", TEAM, PODS)
                        .orElseThrow()
                        .message())
                .isEqualTo("CiliumNetworkPolicy theirs opens ingress and egress of plugin pods;"
                        + " it cannot be read, or is of more than 32768 values, names and brackets, and so counts as one that opens everything:"
                        + " correct, split or delete it");
        assertThat(ForeignPolicy.opening(broken, "team-b", TEAM, PODS)).isEmpty();
    }

    /** A guard keeps everybody else from it. */
    @Test
    void whatCannotBeReadAndPassesForOursIsCleared() {
        var broken = policy(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "namespace: team-a, uid: u, labels: {app.kubernetes.io/managed-by: corral}",
                "[]");
        broken.getMetadata().setAnnotations(Map.of("a", "x".repeat(250_000)));

        var opening = ForeignPolicy.opening(broken, "team-a", TEAM, PODS);

        assertThat(opening.flatMap(NetworkOpening::stray)).contains(new NetworkOpening.Stray("team-a", "theirs", "u"));
        assertThat(ForeignPolicy.opening(ForeignPolicy.slim(broken, PODS), "team-a", TEAM, PODS))
                .isEqualTo(opening);
        assertThat(Serialization.asJson(ForeignPolicy.slim(broken, PODS))).hasSizeLessThan(250);
    }

    @Test
    void anObjectOfNoKindOrNameOrOfAnyDepthOpensEverything() {
        var nothing = new GenericKubernetesResource();
        nothing.setMetadata(null);
        var ofNoVersion = policy("networking.k8s.io/v1", "NetworkPolicy", "namespace: team-a", "{}");
        ofNoVersion.setApiVersion(null);
        var ofAnotherKind = policy("cilium.io/v2", "CiliumLocalRedirectPolicy", "namespace: team-a", "{}");
        var deep = policy("cilium.io/v2", "CiliumNetworkPolicy", "namespace: team-a", "{}");
        deep.setAdditionalProperty("spec", Map.of("endpointSelector", Map.of(), "egress", List.of(deep(10_000))));

        for (var policy : List.of(nothing, ofNoVersion, ofAnotherKind, deep)) {
            assertThat(ForeignPolicy.slim(policy, PODS)).isSameAs(policy);
            assertThat(ForeignPolicy.opening(policy, "team-a", TEAM, PODS)).isPresent();
        }
    }

    private static Map<String, Object> deep(int levels) {
        Map<String, Object> map = Map.of();
        for (int level = 0; level < levels; level++) {
            map = Map.of("a", map);
        }
        return map;
    }

    private static GenericKubernetesResource policy(String version, String kind, String namespace, String spec) {
        return Serialization.unmarshal(
                "apiVersion: %s\nkind: %s\nmetadata: {name: theirs%s}\nspec: %s\n"
                        .formatted(version, kind, namespace.isEmpty() ? "" : ", " + namespace, spec),
                GenericKubernetesResource.class);
    }
}
