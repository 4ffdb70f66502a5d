package dev.corral.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.Optional;
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

    private static GenericKubernetesResource policy(String version, String kind, String namespace, String spec) {
        return Serialization.unmarshal(
                "apiVersion: %s\nkind: %s\nmetadata: {name: theirs%s}\nspec: %s\n"
                        .formatted(version, kind, namespace.isEmpty() ? "" : ", " + namespace, spec),
                GenericKubernetesResource.class);
    }
}
