package dev.corral.operator.chart;

import static dev.corral.operator.chart.HardenedPod.parse;
import static dev.corral.operator.chart.InstalledChart.POLICIES;
import static dev.corral.operator.chart.InstalledChart.accept;
import static dev.corral.operator.chart.InstalledChart.policy;
import static dev.corral.operator.chart.InstalledChart.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.ForeignPolicies;
import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.plan.Planner;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.Granted;
import dev.corral.operator.policy.Limits;
import dev.corral.operator.policy.PlacementGrant;
import dev.corral.operator.policy.ServiceDefinition;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Network policies of others on a real API server, those of network plugins too: refused, warned of, and found, with the chart's rights. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WideningIT {
    private static final String DRY = "?dryRun=All";
    private static final String OPEN = "egress: [{ports: [{port: 53, protocol: UDP}]}]";

    @TempDir
    static Path folder;

    private InstalledChart chart;

    @BeforeAll
    void install() throws IOException {
        chart = InstalledChart.on(ControlPlane.start(folder), Map.of());
        makeKind("cilium.io", "v2", "CiliumNetworkPolicy", "ciliumnetworkpolicies", "Namespaced");
        makeKind("cilium.io", "v2", "CiliumClusterwideNetworkPolicy", "ciliumclusterwidenetworkpolicies", "Cluster");
        makeKind("crd.projectcalico.org", "v1", "NetworkPolicy", "networkpolicies", "Namespaced");
        accept(chart.admin().create("/api/v1/namespaces", parse("{metadata: {name: plain}}")));
    }

    @AfterAll
    void stop() {
        if (chart != null) {
            chart.close();
        }
    }

    @Test
    void whereTheNamespaceIsNotLabelledItIsAWarningOnceCorralRanThere() {
        var plain = POLICIES.replace("team-a", "plain");
        var wide = policy("wide", "me", "{}", OPEN);
        assertThat(chart.admin().create(plain + DRY, wide).warnings()).isEmpty();
        accept(chart.controller()
                .create(
                        plain,
                        policy("corral-default-deny", "corral", "{matchLabels: {corral.dev/plugin-pod: 'true'}}", "")));

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            var answer = chart.admin().create(plain + DRY, wide);
            accept(answer);
            assertThat(answer.warnings()).anyMatch(text -> text.contains("could open the network for plugin pods"));
        });
        var narrow = policy("narrow", "me", "{matchLabels: {app: web}}", OPEN);
        assertThat(chart.admin().create(plain + DRY, narrow).warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {}, egress: [{toEntities: [world]}]}; false
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchLabels: {'k8s:corral.dev/plugin-pod': 'true'}}, egress: [{toEntities: [world]}]}; false
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchLabels: {'k8s:io.kubernetes.pod.namespace': team-a}}, egress: [{toEntities: [world]}]}; false
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchLabels: {'k8s:app': web}}, egress: [{toEntities: [world]}]}; true
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchExpressions: [{key: 'k8s:corral.dev/plugin-pod', operator: DoesNotExist}]}, egress: [{toEntities: [world]}]}; true
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchExpressions: [{key: 'container:corral.dev/plugin-pod', operator: DoesNotExist}]}, egress: [{toEntities: [world]}]}; false
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchExpressions: [{key: k8s.corral.dev/plugin-pod, operator: DoesNotExist}]}, egress: [{toEntities: [world]}]}; false
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchLabels: {':corral.dev/plugin-pod': 'true'}}, egress: [{toEntities: [world]}]}; false
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchExpressions: [{key: app, operator: Exists}]}, egress: [{toEntities: [world]}]}; true
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {matchExpressions: [{key: app, operator: NotIn, values: [a]}]}, egress: [{toEntities: [world]}]}; false
            cilium.io/v2; CiliumNetworkPolicy; {endpointSelector: {}, egressDeny: [{toEntities: [world]}]}; true
            crd.projectcalico.org/v1; NetworkPolicy; {egress: [{action: Allow}]}; false
            crd.projectcalico.org/v1; NetworkPolicy; {selector: all(), egress: [{action: Allow}]}; false
            crd.projectcalico.org/v1; NetworkPolicy; {selector: "app == 'x' || all()", egress: [{action: Allow}]}; false
            crd.projectcalico.org/v1; NetworkPolicy; {selector: "app == 'x'", egress: [{action: Allow}]}; true
            crd.projectcalico.org/v1; NetworkPolicy; {selector: "!has(corral.dev/plugin-pod)", egress: [{action: Allow}]}; true
            crd.projectcalico.org/v1; NetworkPolicy; {selector: all(), egress: [{action: Deny}]}; true
            """)
    void policiesOfNetworkPluginsAreHeldToTheSame(String version, String kind, String spec, boolean accepted) {
        answers(version, kind, spec, accepted);
    }

    /** What Calico matches to plugin pods, however it is written, is refused; what it certainly does not is let in. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            x != 'a && !has(corral.dev/plugin-pod) && b'            ; false
            x != "a && app == 'x' && b"                             ; false
            x != "'" && y != ' && app == "a" && '                   ; false
            x != 'a b' && app == 'x'                                ; false
            x != 'a                                                 ; false
            pcns.team == 'a'                                        ; false
            pcsa.projectcalico.org/name in {'corral-plugin'}        ; false
            projectcalico.org/namespace == 'team-a'                 ; false
            !!has(corral.dev/plugin-pod)                            ; false
            !(!has(corral.dev/plugin-pod))                          ; false
            !(app == 'x' && b == 'y')                               ; false
            !app in {'x'}                                           ; false
            begin != 'x'                                            ; false
            admin contains 'x'                                      ; false
            origin not in {'x'}                                     ; false
            app == 'x' && nonsense                                  ; false
            app in {'a', 'a'}                                       ; true
            app in{"a"}                                             ; true
            app=='x'&&b=='y'                                        ; true
            begin != 'x' && has( b )&& ! has( corral.dev/plugin-pod ) ; true
            all() && b starts with 'x' && app<tab>==<tab>'x'        ; true
            """)
    void selectorsOfCalicoAreReadWhole(String selector, boolean accepted) {
        var written = Serialization.asJson(selector.replace("<tab>", "\t"));
        answers(
                "crd.projectcalico.org/v1",
                "NetworkPolicy",
                "{selector: %s, egress: [{action: Allow}]}".formatted(written),
                accepted);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            {matchExpressions: [{key: k8s.corral.dev/plugin-pod, operator: DoesNotExist}]} ; false
            {matchLabels: {pcns.team: a}}                                                  ; false
            {matchLabels: {app: web}}                                                      ; true
            {matchLabels: {app.kubernetes.io/name: web}}                                   ; true
            {matchLabels: {app.kubernetes.io/managed-by: corral}}                          ; false
            """)
    void selectorsOfKubernetesAreAskedForLabelsPluginPodsNeverHave(String selector, boolean accepted) {
        answers(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                "{podSelector: %s, egress: [{}]}".formatted(selector),
                accepted);
    }

    private void answers(String version, String kind, String spec, boolean accepted) {
        var path = "/apis/" + version + "/namespaces/team-a/"
                + (kind.equals("NetworkPolicy") ? "networkpolicies" : "ciliumnetworkpolicies") + DRY;
        var object = parse("{apiVersion: %s, kind: %s, metadata: {name: x}, spec: %s}".formatted(version, kind, spec));

        if (accepted) {
            accept(chart.tenant().create(path, object));
        } else {
            refuse(chart.tenant().create(path, object), "could open the network");
        }
    }

    @Test
    void clusterwideOnesAreAWarningToTheAdministrator() {
        var path = "/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies" + DRY;
        var wide =
                "{apiVersion: cilium.io/v2, kind: CiliumClusterwideNetworkPolicy, metadata: {name: x}, spec: {endpointSelector: %s, egress: [{toEntities: [world]}]}}";

        assertThat(chart.admin().create(path, parse(wide.formatted("{}"))).warnings())
                .isNotEmpty();
        assertThat(chart.admin()
                        .create(path, parse(wide.formatted("{matchLabels: {app: web}}")))
                        .warnings())
                .isEmpty();
    }

    /** Every kind that is there when the controller starts, and one that comes later, each within ten seconds. */
    @Test
    void theControllerFindsThemWithTheRightsOfTheChart() {
        var heard = new CopyOnWriteArrayList<Optional<String>>();
        try (var policies = new ForeignPolicies(chart.controller().client())) {
            policies.start(heard::add);
            assertThat(opened(policies)).isEmpty();

            accept(chart.admin()
                    .create(
                            "/apis/networking.k8s.io/v1/namespaces/plain/networkpolicies",
                            policy("dns", "me", "{}", OPEN)));
            accept(chart.admin()
                    .create(
                            "/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies",
                            parse(
                                    "{apiVersion: cilium.io/v2, kind: CiliumClusterwideNetworkPolicy, metadata: {name: world},"
                                            + " spec: {endpointSelector: {}, egress: [{toEntities: [world]}]}}")));
            within().untilAsserted(() -> assertThat(opened(policies))
                    .containsExactlyInAnyOrder("NetworkPolicy dns", "CiliumClusterwideNetworkPolicy world"));
            assertThat(heard).contains(Optional.of("plain"), Optional.empty());

            // the label of ours is kept for us on Kubernetes' own only; on a network plugin's anybody may set it
            accept(chart.admin()
                    .create(
                            "/apis/cilium.io/v2/namespaces/plain/ciliumnetworkpolicies",
                            parse("{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy,"
                                    + " metadata: {name: disguised, labels: {app.kubernetes.io/managed-by: corral}},"
                                    + " spec: {endpointSelector: {}, egress: [{toEntities: [world]}]}}")));
            within().untilAsserted(() -> assertThat(opened(policies)).contains("CiliumNetworkPolicy disguised"));

            makeKind(
                    "policy.networking.k8s.io",
                    "v1alpha2",
                    "ClusterNetworkPolicy",
                    "clusternetworkpolicies",
                    "Cluster");
            accept(
                    chart.admin()
                            .create(
                                    "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies",
                                    parse(
                                            "{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: late},"
                                                    + " spec: {tier: Admin, subject: {namespaces: {}}, egress: [{action: Accept}]}}")));
            within().untilAsserted(() -> assertThat(opened(policies)).contains("ClusterNetworkPolicy late"));

            accept(chart.admin()
                    .send(
                            "DELETE",
                            "/apis/cilium.io/v2/ciliumclusterwidenetworkpolicies/world",
                            "application/json",
                            ""));
            within().untilAsserted(
                            () -> assertThat(opened(policies)).doesNotContain("CiliumClusterwideNetworkPolicy world"));

            try (var restarted = new ForeignPolicies(chart.controller().client())) {
                restarted.start(heard::add);
                assertThat(opened(restarted)).containsExactlyInAnyOrderElementsOf(opened(policies));
            }
        }
    }

    /** What was written is what is found: nothing that is rendered is filled in or put into another order, or it were written for ever. */
    @Test
    void networkPoliciesAreFoundAsTheyAreRendered() {
        var installation =
                new Installation("corral-system", "x", LauncherDelivery.ImageVolume, "10.96.0.50", "", "test", "");
        accept(chart.admin().create("/api/v1/namespaces", parse("{metadata: {name: rendered}}")));
        var client = chart.controller().client();
        var applier = new Applier(client);
        var rendered = Stream.of(
                        EffectivePermissions.NOTHING,
                        Granted.addresses(
                                "203.0.113.0/24:*", "0.0.0.0/0:1-1024", "2000::/3:53/udp", "198.51.100.0/24:80"),
                        Granted.peers("app=db,tier=x:5432", "app=web:8000-9000/udp"),
                        Granted.hosts(
                                List.of(HostPattern.parse("example.org", "").orElseThrow())),
                        EffectivePermissions.NOTHING.withServices(
                                List.of(new ServiceDefinition(
                                        "dns",
                                        "kube-system",
                                        new TreeMap<>(Map.of("k8s-app", "dns", "a", "b")),
                                        List.of(Ports.tcp(53), Ports.tcp(1053)))),
                                Limits.DEFAULTS,
                                PlacementGrant.ANYWHERE,
                                Collections.emptySortedSet()))
                .map(permissions -> new NetworkPolicyRenderer(installation)
                        .forClass("rendered", new Planner(installation).networkClass(permissions), permissions))
                .collect(Collectors.toCollection(ArrayList::new));
        rendered.add(NetworkPolicyRenderer.defaultDeny("rendered"));

        for (var policy : rendered) {
            assertThat(applier.apply(policy)).isEqualTo(new Applier.Laying.AsGiven());
            assertThat(LaidPolicy.of(client.resource(policy).get()))
                    .as("%s", policy)
                    .isEqualTo(LaidPolicy.of(policy));
        }
    }

    private static org.awaitility.core.ConditionFactory within() {
        return await().pollInterval(Duration.ofMillis(100)).atMost(Duration.ofSeconds(10));
    }

    private static List<String> opened(ForeignPolicies policies) {
        return policies.concerning("plain").stream()
                .flatMap(policy -> ForeignPolicy.opening(
                        policy, "plain", Map.of("kubernetes.io/metadata.name", "plain"), OwnedLabels.EVERY_POD)
                        .stream())
                .map(opening -> opening.object())
                .toList();
    }

    /** A kind as its network plugin would bring it, without its schema. */
    private void makeKind(String group, String version, String kind, String plural, String scope) {
        var definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        accept(chart.admin().create(definitions, parse("""
                metadata:
                  name: %4$s.%1$s
                  annotations: {api-approved.kubernetes.io: "unapproved, a test"}
                spec:
                  group: %1$s
                  scope: %5$s
                  names: {kind: %3$s, plural: %4$s, singular: %6$s}
                  versions:
                    - name: %2$s
                      served: true
                      storage: true
                      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
                """.formatted(
                        group, version, kind, plural, scope, kind.toLowerCase(java.util.Locale.ROOT)))));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> chart.admin()
                                .send("GET", "/apis/" + group + "/" + version + "/" + plural, "application/json", "")
                                .code()
                        == 200);
    }
}
