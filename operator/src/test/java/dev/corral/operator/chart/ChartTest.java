package dev.corral.operator.chart;

import static dev.corral.operator.chart.Chart.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import dev.corral.operator.gateway.PublicAddresses;
import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart renders, refuses wrong values, and asks for no right and no freedom it does not need. */
class ChartTest {
    private static final Chart CHART = Chart.rendered();

    @Test
    void lintIsClean(@TempDir Path folder) throws IOException {
        copy(Chart.folder(), folder);
        // the two values without a default
        var values = Chart.read(folder.resolve("values.yaml"))
                .replace("operator: \"\"", "operator: " + Chart.IMAGES.get("images.operator"))
                .replace("launcher: \"\"", "launcher: " + Chart.LAUNCHER);
        Files.writeString(folder.resolve("values.yaml"), values);

        var result = new Helm(folder).lint().strict().call();

        assertThat(result.isFailed())
                .as(String.join("\n", result.getMessages()))
                .isFalse();
        assertThat(result.getMessages()).noneMatch(line -> line.contains("[WARNING]") || line.contains("[ERROR]"));
    }

    @Test
    void imagesMustBeGivenWithADigest() {
        var template = new Helm(Chart.folder()).template().withName("corral").withKubeVersion("1.36.0");
        assertThatThrownBy(template::call).hasMessageContaining("images");
    }

    @ParameterizedTest
    @CsvSource({
        "gateway.replicas, 1, replicas",
        "gateway.store.kind, Directory, kind",
        "gateway.store.size, 0Gi, size",
        "images.operator, images.example/corral/operator:latest, operator",
        "launcher.delivery, Baked, delivery",
        "pendingTimeout, forever, pendingTimeout",
        "clusterRanges[0], 10.0.0.0, clusterRanges",
        "controller.replicas, 0, replicas",
        "guard.exemptUsers[0], a'b, exemptUsers",
        "guard.networkPolicyNamespaces.team, x, networkPolicyNamespaces",
        "gateway.storage, 1Gi, storage",
        "gateway.egress.allowedRanges[0], 10.1.0.0, allowedRanges",
        "gateway.egress.enabled, perhaps, enabled",
        "apiServer.ranges[0], 10.96.0.1, ranges",
        "gateway.egress.toFQDNs[0], *, toFQDNs",
        "gateway.egress.toFQDNs[0], api.example.org:443, toFQDNs",
        "podTemplate.hostNetwork, true, podTemplate",
        "controller.env, x, env",
        "enabled, perhaps, enabled",
        "gateway.podLabels.app\\.kubernetes\\.io/component, controller, podLabels",
        "controller.podLabels.corral\\.dev/plugin-pod, x, podLabels",
        "controller.podLabels.team, a b, podLabels",
        "controller.podAnnotations.corral\\.dev/execution, x, podAnnotations",
        "namespaces.matchNames[0], team-a, matchNames",
        "namespaces.matchLabels.team, a'b, team",
        "namespaces.matchExpressions[0].key, team, operator",
    })
    void wrongAndUnknownValuesAreRefused(String name, String value, String said) {
        assertThatThrownBy(() -> Chart.rendered(Map.of(name, value))).hasMessageContaining(said);
    }

    /** Helm hands a chart it comes along with what the other one says of it. */
    @Test
    void anotherChartMayHaveItAsADependency(@TempDir Path folder) throws IOException {
        copy(Chart.folder(), folder.resolve("charts/corral"));
        Files.writeString(folder.resolve("Chart.yaml"), """
                {apiVersion: v2, name: platform, version: 1.0.0,
                 dependencies: [{name: corral, version: 0.1.0, condition: corral.enabled}]}""");
        Files.writeString(folder.resolve("values.yaml"), "{global: {team: platform}, corral: {enabled: true}}");
        var command = new Helm(folder).template().withName("platform").withKubeVersion("1.36.0");
        Chart.IMAGES.forEach((name, image) -> command.set("corral." + name, image));
        assertThat(command.call()).contains("name: corral-controller");
        assertThat(command.set("corral.enabled", false).call()).isNullOrEmpty();
    }

    @Test
    void copiesOfTheManifestsAreByteEqual() throws IOException {
        var originals = yamlFiles(Chart.manifests());
        if (Boolean.getBoolean("corral.rewrite")) {
            for (var original : originals.entrySet()) {
                Files.writeString(Chart.folder().resolve("files/crds").resolve(original.getKey()), original.getValue());
            }
        }
        assertThat(yamlFiles(Chart.folder().resolve("files/crds")))
                .as("copy them with -Dcorral.rewrite=true")
                .isEqualTo(originals);
    }

    /** Nothing of a manifest is eaten by templating, and an uninstall leaves the definitions and so all objects in place. */
    @Test
    void renderedDefinitionsDifferByTheKeepAnnotationOnly() throws IOException {
        var rendered = CHART.ofKind("CustomResourceDefinition").toList();
        assertThat(rendered).hasSize(7);
        for (var definition : rendered) {
            var name = definition.getMetadata().getName();
            assertThat(definition.getMetadata().getAnnotations()).isEqualTo(Map.of("helm.sh/resource-policy", "keep"));
            definition.getMetadata().setAnnotations(null);
            var copy = Chart.read(Chart.folder().resolve("files/crds/" + name + ".yaml"));
            assertThat(tree(definition))
                    .isEqualTo(tree(Serialization.unmarshal(copy, GenericKubernetesResource.class)));
            assertThat(Serialization.unmarshal(copy, CustomResourceDefinition.class)
                            .getSpec()
                            .getGroup())
                    .isEqualTo("corral.dev");
        }
    }

    @Test
    void definitionsCanBeLeftToTheAdministrator() {
        assertThat(Chart.rendered(Map.of("crds.install", false)).ofKind("CustomResourceDefinition"))
                .isEmpty();
    }

    /** Whoever changes a right changes this list, and a reviewer sees it. */
    @Test
    void rightsAreThese() {
        assertThat(rights("corral-controller")).isEqualTo("""
                Role: coordination.k8s.io/leases create get patch update
                Role: core/secrets create
                Role: core/secrets[corral-ca corral-gateway-tls corral-session-key] get patch update
                Role: core/services[corral-gateway] get
                admissionregistration.k8s.io/validatingadmissionpolicies[corral-pod-guard] get
                admissionregistration.k8s.io/validatingadmissionpolicybindings[corral-pod-guard] get
                cilium.io/ciliumclusterwidenetworkpolicies get list watch
                cilium.io/ciliumnetworkpolicies get list watch
                core/events create patch
                core/events list watch
                core/namespaces get list watch
                core/nodes get list watch
                core/pods create delete get list patch watch
                core/serviceaccounts create get list patch watch
                corral.dev/clusterpluginpolicies get list watch
                corral.dev/clusterpluginpolicies/status patch update
                corral.dev/clusterplugins get list watch
                corral.dev/clusterplugins/status patch update
                corral.dev/corralclusters create get list watch
                corral.dev/corralclusters/status[cluster] patch
                corral.dev/corralclusters[cluster] patch
                corral.dev/installations control
                corral.dev/pluginexecutions delete get list watch
                corral.dev/pluginexecutions/status patch update
                corral.dev/pluginpolicies get list watch
                corral.dev/pluginpolicies/status patch update
                corral.dev/pluginpools get list watch
                corral.dev/pluginpools/status patch update
                corral.dev/plugins get list watch
                corral.dev/plugins/status patch update
                crd.projectcalico.org/globalnetworkpolicies get list watch
                crd.projectcalico.org/networkpolicies get list watch
                events.k8s.io/events create patch
                networking.k8s.io/networkpolicies create delete get list patch watch
                policy.networking.k8s.io/adminnetworkpolicies get list watch
                policy.networking.k8s.io/clusternetworkpolicies get list watch
                projectcalico.org/globalnetworkpolicies get list watch
                projectcalico.org/networkpolicies get list watch
                rbac.authorization.k8s.io/clusterroles[corral-controller] get""");
        assertThat(rights("corral-gateway")).isEqualTo("""
                Role: core/secrets[corral-gateway-tls corral-session-key] get list watch
                authentication.k8s.io/tokenreviews create
                authorization.k8s.io/subjectaccessreviews create
                core/configmaps get
                core/events create
                core/pods get list
                core/pods/status patch
                corral.dev/clusterplugins get
                corral.dev/installations serve
                corral.dev/pluginexecutions get list watch
                corral.dev/pluginexecutions/status patch
                corral.dev/plugins get
                events.k8s.io/events create""");
    }

    @Test
    void everybodyMayLookAtTheClusterAndAtNothingElse() {
        var everybody = CHART.ofKind("ClusterRoleBinding")
                .map(binding -> tree(binding))
                .filter(binding -> binding.path("subjects").toString().contains("system:"))
                .toList();
        assertThat(everybody).singleElement().satisfies(binding -> {
            assertThat(binding.at("/subjects/0/name").asText()).isEqualTo("system:authenticated");
            assertThat(rules(
                            "",
                            CHART.the("ClusterRole", binding.at("/roleRef/name").asText())))
                    .containsExactly("corral.dev/corralclusters get list watch");
        });
    }

    @Test
    void noRoleHoldsWhatOpensTheCluster() {
        var forbidden = Pattern.compile("secrets|pods/(exec|attach|portforward|proxy|ephemeralcontainers)|nodes/proxy"
                + "|serviceaccounts/token|\\*|impersonate|escalate|bind");
        CHART.ofKind("ClusterRole").forEach(role -> {
            for (var rule : tree(role).path("rules")) {
                for (var word : List.of("apiGroups", "resources", "verbs")) {
                    assertThat(texts(rule.path(word)))
                            .as(role.getMetadata().getName())
                            .noneMatch(text -> forbidden.matcher(text).matches());
                }
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"corral-controller", "corral-gateway"})
    void ourOwnPodsAreHardenedToo(String name) {
        var spec = Serialization.unmarshal(Serialization.asYaml(CHART.the("Deployment", name)), Deployment.class)
                .getSpec()
                .getTemplate()
                .getSpec();

        assertThat(spec.getServiceAccountName()).isEqualTo(name);
        assertThat(spec.getEnableServiceLinks()).isFalse();
        assertThat(spec.getHostNetwork()).isNull();
        var pod = spec.getSecurityContext();
        assertThat(pod.getRunAsNonRoot()).isTrue();
        assertThat(pod.getRunAsUser()).isEqualTo(65532);
        assertThat(pod.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(spec.getInitContainers()).isEmpty();
        assertThat(spec.getContainers()).singleElement().satisfies(container -> {
            var security = container.getSecurityContext();
            assertThat(security.getAllowPrivilegeEscalation()).isFalse();
            assertThat(security.getReadOnlyRootFilesystem()).isTrue();
            assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
            assertThat(security.getCapabilities().getAdd()).isEmpty();
            assertThat(container.getResources().getLimits().get("memory"))
                    .isEqualTo(container.getResources().getRequests().get("memory"));
            assertThat(container.getImage()).contains("@sha256:");
            // no secrets in the environment
            assertThat(container.getEnvFrom()).isEmpty();
            assertThat(container.getEnv())
                    .allMatch(e -> e.getValueFrom() == null || e.getValueFrom().getFieldRef() != null);
            assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/healthz");
            assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"controller", "gateway"})
    void administratorsSayWhereOurPodsLandAndWhatElseMarksThem(String role, @TempDir Path folder) throws IOException {
        var values = folder.resolve("values.yaml");
        var affinity = "{\"nodeAffinity\":{\"x\":\"y\"}}";
        var spread = "[{\"maxSkew\":1,\"topologyKey\":\"zone\"}]";
        Files.writeString(values, """
                %s:
                  affinity: %s
                  topologySpreadConstraints: %s
                  podLabels: {team: platform, sidecar: "false"}
                  podAnnotations: {example.org/scrape: "true"}
                """.formatted(role, affinity, spread));
        var template =
                tree(Chart.with(values).the("Deployment", "corral-" + role)).at("/spec/template");
        var before = tree(CHART.the("Deployment", "corral-" + role)).at("/spec/template");

        assertThat(template.at("/spec/affinity")).hasToString(affinity);
        assertThat(template.at("/spec/topologySpreadConstraints")).hasToString(spread);
        assertThat(template.at("/metadata/annotations")).hasToString("{\"example.org/scrape\":\"true\"}");
        var labels = (ObjectNode) template.at("/metadata/labels").deepCopy();
        assertThat(labels.remove("team").asText()).isEqualTo("platform");
        assertThat(labels.remove("sidecar").isTextual()).isTrue();
        assertThat(labels).isEqualTo(before.at("/metadata/labels"));
        assertThat(before.at("/metadata/annotations").isMissingNode()).isTrue();
    }

    /** The words between this chart and {@code Main}. */
    @Test
    void environmentAndPortsAreThese() {
        assertThat(container("corral-controller").path("args"))
                .map(JsonNode::asText)
                .containsExactly("controller");
        assertThat(names(container("corral-controller").path("env")))
                .containsExactly(
                        "CORRAL_CLUSTER_RANGES",
                        "CORRAL_EGRESS",
                        "CORRAL_LAUNCHER_DELIVERY",
                        "CORRAL_LAUNCHER_IMAGE",
                        "CORRAL_NAMESPACE",
                        "CORRAL_NAMESPACES",
                        "CORRAL_PENDING_TIMEOUT",
                        "CORRAL_POD_NAME",
                        "CORRAL_PULL_SECRETS");
        assertThat(container("corral-gateway").path("args"))
                .map(JsonNode::asText)
                .containsExactly("gateway");
        assertThat(names(container("corral-gateway").path("env")))
                .containsExactly(
                        "CORRAL_CLUSTER_RANGES",
                        "CORRAL_EGRESS_RANGES",
                        "CORRAL_NAMESPACE",
                        "CORRAL_POD_NAME",
                        "CORRAL_STORE",
                        "CORRAL_STORE_BYTES");
        assertThat(container("corral-gateway").path("ports"))
                .map(port -> port.path("name").asText() + " "
                        + port.path("containerPort").asInt())
                .containsExactly("launcher 8443", "sentinel 8444", "tunnels 8445", "artifacts 9443", "health 8080");
    }

    /** The probes' pods too, which the controller makes. */
    @Test
    void ourOwnPodsArePulledWithTheSecretsGiven() {
        var chart = Chart.rendered(Map.of("images.pullSecrets[0]", "registry", "images.pullSecrets[1]", "mirror"));
        for (var role : List.of("corral-controller", "corral-gateway")) {
            assertThat(tree(chart.the("Deployment", role)).at("/spec/template/spec/imagePullSecrets"))
                    .hasToString("[{\"name\":\"registry\"},{\"name\":\"mirror\"}]");
        }
        assertThat(tree(chart.the("Deployment", "corral-controller")).at("/spec/template/spec/containers/0/env"))
                .anyMatch(variable -> variable.path("name").asText().equals("CORRAL_PULL_SECRETS")
                        && variable.path("value").asText().equals("registry,mirror"));
    }

    @Test
    void theControllerReachesTheApiServerAndTheGatewaysReaderPort() {
        var egress = tree(CHART.the("NetworkPolicy", "corral-controller")).at("/spec/egress");
        assertThat(egress).hasSize(2);
        assertThat(egress.get(0).has("to")).as("the API server, wherever it is").isFalse();
        assertThat(egress.get(1).at("/to")).hasSize(1);
        assertThat(egress.get(1).at("/to/0/podSelector/matchLabels"))
                .isEqualTo(tree(CHART.the("NetworkPolicy", "corral-gateway")).at("/spec/podSelector/matchLabels"));
        assertThat(egress.get(1).at("/ports"))
                .hasToString("[{\"port\":%d,\"protocol\":\"TCP\"}]".formatted(Installation.READER_PORT));
    }

    /** The sentinel's to all: a rule about who comes would be programmed late for a new pod, and look like the proof that it is shut. */
    @Test
    void thePortsForLaunchersAreOpenToPluginPodsOnlyAndTheOthersToAll() {
        var ingress = tree(CHART.the("NetworkPolicy", "corral-gateway")).at("/spec/ingress");
        assertThat(ingress).hasSize(2);
        assertThat(ports(ingress.get(0))).containsExactly(8443, Installation.TUNNEL_PORT);
        assertThat(ingress.get(0).at("/from")).hasSize(1);
        assertThat(ingress.get(0).at("/from/0/namespaceSelector")).hasToString("{}");
        var labels = ingress.get(0).at("/from/0/podSelector/matchLabels");
        assertThat(labels).hasSize(1);
        assertThat(OwnedLabels.EVERY_POD)
                .containsEntry(
                        OwnedLabels.PLUGIN_POD,
                        labels.path(OwnedLabels.PLUGIN_POD).asText());
        assertThat(ports(ingress.get(1))).containsExactly(8444, Installation.READER_PORT, 8080);
        assertThat(ingress.get(1).has("from")).isFalse();

        var unknown = Chart.rendered(Map.of("gateway.pluginPodsOnly", "null"));
        assertThat(tree(unknown.the("NetworkPolicy", "corral-gateway")).at("/spec/ingress/0"))
                .as("helm upgrade --reuse-values, from a release that had no such value")
                .isEqualTo(ingress.get(0));

        var hidden = Chart.rendered(Map.of("gateway.pluginPodsOnly", false));
        assertThat(tree(hidden.the("NetworkPolicy", "corral-gateway")).at("/spec/ingress"))
                .hasSize(2)
                .noneMatch(rule -> rule.has("from"));
    }

    private static List<Integer> ports(JsonNode rule) {
        return StreamSupport.stream(rule.path("ports").spliterator(), false)
                .map(port -> port.path("port").asInt())
                .toList();
    }

    /** Else our own guard would warn of them at each upgrade, or refuse them. */
    @Test
    void theChartsNetworkPoliciesLeavePluginPodsOut() {
        var chart = Chart.rendered(Map.of("gateway.egress.toFQDNs[0]", "api.example.org"));
        var policies = Stream.concat(chart.ofKind("NetworkPolicy"), chart.ofKind("CiliumNetworkPolicy"))
                .toList();
        assertThat(policies).hasSize(3);
        assertThat(policies)
                .allSatisfy(
                        policy -> assertThat(tree(policy).at("/spec").toString())
                                .contains(
                                        "\"matchExpressions\":[{\"key\":\"corral.dev/plugin-pod\",\"operator\":\"DoesNotExist\"}]"));
        assertThat(policies)
                .allSatisfy(policy -> assertThat(
                                ForeignPolicy.opening(policy, Chart.NAMESPACE, Map.of(), OwnedLabels.EVERY_POD))
                        .isEmpty());
    }

    /** Policies add up: what Cilium is to decide by name, the NetworkPolicy must not open by address. */
    @Test
    void onCiliumTheGatewayReachesListedNamesOnlyWhereThereAreAny() {
        assertThat(Chart.rendered(Map.of()).ofKind("CiliumNetworkPolicy")).isEmpty();
        var chart = Chart.rendered(Map.of(
                "gateway.egress.toFQDNs[0]", "api.example.org",
                "gateway.egress.toFQDNs[1]", "*.cdn.example.org",
                "gateway.egress.allowedRanges[0]", "10.20.0.0/16",
                "gateway.egress.resolvers[0]", "169.254.20.10/32"));
        var egress = tree(chart.the("NetworkPolicy", "corral-gateway")).at("/spec/egress");
        assertThat(egress).hasSize(1); // nothing of the API server, which could only be named by port
        assertThat(egress.get(0).toString())
                .isEqualTo("{\"to\":[{\"ipBlock\":{\"cidr\":\"10.20.0.0/16\"}}],\"ports\":[{\"protocol\":\"TCP\"}]}");
        var named = tree(chart.the("CiliumNetworkPolicy", "corral-gateway-names"));
        assertThat(named.at("/spec/endpointSelector/matchLabels"))
                .isEqualTo(tree(chart.the("NetworkPolicy", "corral-gateway")).at("/spec/podSelector/matchLabels"));
        var patterns = "[{\"matchPattern\":\"api.example.org\"},{\"matchPattern\":\"*.cdn.example.org\"}]";
        assertThat(named.at("/spec/egress/0")).hasToString("{\"toFQDNs\":" + patterns + "}");
        assertThat(named.at("/spec/egress/1"))
                .hasToString("{\"toEntities\":[\"kube-apiserver\"],\"toPorts\":[{\"ports\":["
                        + "{\"port\":\"443\",\"protocol\":\"TCP\"},{\"port\":\"6443\",\"protocol\":\"TCP\"}]}]}");
        for (var resolvers : List.of("/spec/egress/2", "/spec/egress/3")) {
            assertThat(named.at(resolvers + "/toPorts/0/rules/dns")).hasToString(patterns);
            assertThat(named.at(resolvers + "/toPorts/0/ports/0/port").asText()).isEqualTo("53");
        }
        assertThat(named.at("/spec/egress/3/toCIDR/0").asText()).isEqualTo("169.254.20.10/32");
        assertThat(named.at("/spec/egressDeny/0/toCIDR/0").asText()).isEqualTo("169.254.169.254/32");
        assertThat(Chart.rendered(
                                Map.of("gateway.egress.enabled", false, "gateway.egress.toFQDNs[0]", "api.example.org"))
                        .ofKind("CiliumNetworkPolicy"))
                .isEmpty();
    }

    /** Else a port of the API server is open to every address, and what other rules leave out is open there. */
    @ParameterizedTest
    @CsvSource({"corral-controller, true", "corral-gateway, true", "corral-gateway, false"})
    void whereTheApiServerIsSaidToBeItIsSoughtNowhereElse(String role, boolean open) {
        var chart = Chart.rendered(Map.of(
                "apiServer.ranges[0]",
                "10.96.0.1/32",
                "apiServer.ranges[1]",
                "2001:db8:51::/126",
                open ? "gateway.egress.allowedRanges[0]" : "gateway.egress.toFQDNs[0]",
                open ? "10.20.0.0/16" : "api.example.org"));
        assertThat(tree(chart.the("NetworkPolicy", role)).at("/spec/egress/0/to"))
                .hasToString(
                        "[{\"ipBlock\":{\"cidr\":\"10.96.0.1/32\"}},{\"ipBlock\":{\"cidr\":\"2001:db8:51::/126\"}}]");
        assertThat(tree(chart.the("NetworkPolicy", role)).at("/spec/egress"))
                .allMatch(rule -> rule.path("to").size() > 0);
    }

    @Test
    void theGatewayMayOpenWhatAHostNameMayLeadToAndNothingElse() {
        var chart = Chart.rendered(Map.of(
                "clusterRanges[0]", "10.244.0.0/16",
                "clusterRanges[1]", "198.51.100.0/30",
                "clusterRanges[2]", "2001:db8:42::/48",
                "gateway.egress.allowedRanges[0]", "10.20.0.0/16",
                "gateway.egress.resolvers[0]", "169.254.20.10/32"));
        var egress = tree(chart.the("NetworkPolicy", "corral-gateway")).at("/spec/egress");
        assertThat(egress).hasSize(3);
        var outside = egress.get(1).path("to");
        assertThat(outside)
                .map(to -> to.at("/ipBlock/cidr").asText())
                .containsExactly("0.0.0.0/0", "::/0", "10.20.0.0/16");
        var except = Stream.of(outside.get(0), outside.get(1))
                .flatMap(to -> texts(to.at("/ipBlock/except")).stream())
                .map(CidrBlock::of)
                .toList();
        var own = Stream.of("10.244.0.0/16", "198.51.100.0/30", "2001:db8:42::/48")
                .map(CidrBlock::of)
                .toList();
        assertThat(new AlwaysExcepted(except).blocks())
                .isEqualTo(PublicAddresses.outside(own, List.of()).refused());
        assertThat(egress.get(2).toString()).contains("169.254.20.10/32").contains("53");
    }

    @Test
    void withoutEgressTheGatewayReachesTheApiServerOnlyAndHostsAreRefused() {
        var chart = Chart.rendered(Map.of("gateway.egress.enabled", false));
        assertThat(tree(chart.the("NetworkPolicy", "corral-gateway")).at("/spec/egress"))
                .hasSize(1);
        assertThat(tree(chart.the("Deployment", "corral-controller")).at("/spec/template/spec/containers/0/env"))
                .anyMatch(variable -> variable.path("name").asText().equals("CORRAL_EGRESS")
                        && variable.path("value").asText().equals("false"));
    }

    @ParameterizedTest
    @CsvSource({"10Gi, 8589934592", "1Ti, 879609302220", "500Mi, 419430400"})
    void theStoreKeepsAFifthOfItsVolumeFree(String size, String bytes) {
        var gateway = tree(Chart.rendered(Map.of("gateway.store.size", size)).the("Deployment", "corral-gateway"));
        assertThat(gateway.at("/spec/template/spec/containers/0/env"))
                .anyMatch(e -> e.path("name").asText().equals("CORRAL_STORE_BYTES")
                        && e.path("value").asText().equals(bytes));
    }

    /** A policy without a binding guards nothing, and one that fails open guards nobody. */
    @Test
    void everyGuardIsBoundDeniesAndFailsClosed() {
        var chart = CHART;
        var guards = chart.ofKind("ValidatingAdmissionPolicy").toList();
        assertThat(guards).hasSize(17);
        for (var guard : guards) {
            var name = guard.getMetadata().getName();
            assertThat(tree(guard).at("/spec/failurePolicy").asText()).as(name).isEqualTo("Fail");
            assertThat(tree(guard).at("/spec/matchConstraints/matchPolicy").asText())
                    .as(name)
                    .isEqualTo("Equivalent");
            assertThat(tree(guard).at("/spec/validations"))
                    .as(name)
                    .allSatisfy(validation ->
                            assertThat(validation.path("message").asText()).hasSizeBetween(20, 200));
            var binding = tree(chart.the("ValidatingAdmissionPolicyBinding", name));
            assertThat(binding.at("/spec/policyName").asText()).isEqualTo(name);
            assertThat(texts(binding.at("/spec/validationActions")))
                    .containsExactly(name.endsWith("-warning") ? "Warn" : "Deny");
        }
    }

    /** Nothing of the cluster has the same name in both but the kinds; the fallback policy is a hook, and made only where it is absent. */
    @Test
    void twoInstallationsShareTheKindsAndNothingElse() {
        var second = Chart.rendered("corral-two", Map.of("namespaces.matchLabels.installation", "two"));
        var both = clusterScoped(CHART);
        both.retainAll(clusterScoped(second));
        assertThat(both).hasSize(7).allMatch(name -> name.startsWith("CustomResourceDefinition "));
        assertThat(second.objects().stream()
                        .filter(object -> object.getMetadata().getNamespace() != null))
                .allMatch(object -> object.getMetadata().getNamespace().equals("corral-two"));
        // whoever is bound is bound to its own
        assertThat(second.ofKind("ClusterRoleBinding")).hasSize(3).allSatisfy(binding -> {
            assertThat(tree(binding).at("/roleRef/name").asText())
                    .isEqualTo(binding.getMetadata().getName());
            var subject = tree(binding).at("/subjects/0");
            assertThat(subject.path("kind").asText() + " "
                            + subject.path("namespace").asText())
                    .isIn("ServiceAccount corral-two", "Group ");
        });
        assertThat(second.ofKind("ValidatingAdmissionPolicyBinding"))
                .hasSize(18)
                .allMatch(binding -> tree(binding)
                        .at("/spec/policyName")
                        .asText()
                        .equals(binding.getMetadata().getName()));
        // with the last write of its own CorralCluster, and no other's
        assertThat(tree(second.the("ClusterRole", "corral-controller.corral-two"))
                        .toString())
                .contains("\"resourceNames\":[\"corral-two\"]")
                .doesNotContain("\"cluster\"");
    }

    /** The name of its CorralCluster would be the one of corral-system's. */
    @Test
    void aNamespaceNamedClusterIsRefused() {
        assertThatThrownBy(() -> Chart.rendered("cluster", Map.of())).hasMessageContaining("another name");
    }

    /** Guards about what others may do hold in every namespace, whoever serves it; only what we may do ends at ours. */
    @Test
    void aSelectorOfNamespacesTakesRightsFromUsAndOpensNothing() {
        var some = Chart.rendered(Map.of("namespaces.matchLabels.installation", "one"));
        assertThat(some.ofKind("ValidatingAdmissionPolicy")).hasSize(18);
        CHART.ofKind("ValidatingAdmissionPolicy")
                .forEach(guard -> assertThat(tree(some.the(
                                "ValidatingAdmissionPolicy", guard.getMetadata().getName())))
                        .isEqualTo(tree(guard)));
        CHART.ofKind("ValidatingAdmissionPolicyBinding")
                .forEach(binding -> assertThat(tree(some.the(
                                "ValidatingAdmissionPolicyBinding",
                                binding.getMetadata().getName())))
                        .isEqualTo(tree(binding)));
        var own = tree(some.the("ValidatingAdmissionPolicy", "corral-own-namespaces"));
        assertThat(own.at("/spec/failurePolicy").asText()).isEqualTo("Fail");
        assertThat(tree(some.the("ValidatingAdmissionPolicyBinding", "corral-own-namespaces"))
                        .at("/spec/matchResources")
                        .isMissingNode())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "In | 'team' in variables.labels && variables.labels['team'] in ['a', 'b']",
                "NotIn | !('team' in variables.labels && variables.labels['team'] in ['a', 'b'])",
                "Exists | 'team' in variables.labels",
                "DoesNotExist | !('team' in variables.labels)",
            },
            quoteCharacter = '"')
    void theSelectorIsTheSameForGuardAndController(String operator, String condition) {
        var values = new TreeMap<String, Object>(Map.of(
                "namespaces.matchLabels.tier",
                "x",
                "namespaces.matchExpressions[0].key",
                "team",
                "namespaces.matchExpressions[0].operator",
                operator));
        if (operator.endsWith("In")) {
            values.put("namespaces.matchExpressions[0].values[0]", "a");
            values.put("namespaces.matchExpressions[0].values[1]", "b");
        }
        var chart = Chart.rendered(values);
        assertThat(tree(chart.the("ValidatingAdmissionPolicy", "corral-own-namespaces"))
                        .at("/spec/variables/1/expression")
                        .asText())
                .isEqualTo("'tier' in variables.labels && variables.labels['tier'] == 'x' && " + condition);
        assertThat(tree(chart.the("Deployment", "corral-controller")).at("/spec/template/spec/containers/0/env"))
                .anyMatch(variable -> variable.path("name").asText().equals("CORRAL_NAMESPACES")
                        && variable.path("value").asText().contains("\"operator\":\"" + operator + "\"")
                        && variable.path("value").asText().contains("\"matchLabels\":{\"tier\":\"x\"}"));
    }

    /** Whoever names other namespaces has exactly these guarded, whoever names none has all of them: nothing of the default stays. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                                     | [{\"key\":\"corral.dev/enabled\",\"operator\":\"In\",\"values\":[\"true\"]}]",
                "[]                                    | -",
                "null                                  | -",
                "[{\"key\":\"team\",\"operator\":\"Exists\"}] | [{\"key\":\"team\",\"operator\":\"Exists\"}]",
            })
    void foreignNetworkPoliciesAreRefusedInTheNamespacesNamed(String value, String selects, @TempDir Path folder)
            throws IOException {
        var values = folder.resolve("values.yaml");
        Files.writeString(values, value == null ? "" : "guard: {networkPolicyNamespaces: %s}".formatted(value));
        var binding = tree(Chart.with(values).the("ValidatingAdmissionPolicyBinding", "corral-networkpolicy-widening"));
        var guarded = binding.at("/spec/matchResources/namespaceSelector");
        assertThat(guarded.isMissingNode() ? null : guarded.toString())
                .isEqualTo(selects == null ? null : "{\"matchExpressions\":" + selects + "}");
    }

    private static TreeSet<String> clusterScoped(Chart chart) {
        return chart.objects().stream()
                .filter(object -> object.getMetadata().getNamespace() == null)
                .map(object -> object.getKind() + " " + object.getMetadata().getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aClaimOfTheAdministratorsIsUsedInsteadOfOurs() {
        var chart = Chart.rendered(Map.of("gateway.store.existingClaim", "artifacts-on-fast-disks"));
        assertThat(chart.ofKind("PersistentVolumeClaim")).isEmpty();
        assertThat(tree(chart.the("Deployment", "corral-gateway"))
                        .at("/spec/template/spec/volumes/0/persistentVolumeClaim/claimName")
                        .asText())
                .isEqualTo("artifacts-on-fast-disks");
    }

    private static JsonNode container(String deployment) {
        return tree(CHART.the("Deployment", deployment)).at("/spec/template/spec/containers/0");
    }

    private static TreeSet<String> names(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(entry -> entry.path("name").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String rights(String role) {
        var chart = CHART;
        return Stream.of("ClusterRole", "Role")
                .flatMap(kind -> rules(kind.equals("Role") ? "Role: " : "", chart.the(kind, role)))
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    private static Stream<String> rules(String prefix, GenericKubernetesResource role) {
        return StreamSupport.stream(tree(role).path("rules").spliterator(), false)
                .flatMap(rule -> texts(rule.path("apiGroups")).stream()
                        .flatMap(group -> texts(rule.path("resources")).stream()
                                .map(resource -> prefix + (group.isEmpty() ? "core" : group) + "/" + resource
                                        + (rule.has("resourceNames") ? texts(rule.path("resourceNames")) : "")
                                                .toString()
                                                .replace(",", "")
                                        + " "
                                        + String.join(" ", new TreeSet<>(texts(rule.path("verbs")))))));
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static Map<String, String> yamlFiles(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString(), Chart::read, (a, b) -> a, TreeMap::new));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }
}
