package dev.corral.operator.chart;

import static dev.corral.operator.chart.Caller.APPLY;
import static dev.corral.operator.chart.Caller.MERGE;
import static dev.corral.operator.chart.Caller.STRATEGIC;
import static dev.corral.operator.chart.InstalledChart.EXECUTIONS;
import static dev.corral.operator.chart.InstalledChart.PODS;
import static dev.corral.operator.chart.InstalledChart.POLICIES;
import static dev.corral.operator.chart.InstalledChart.accept;
import static dev.corral.operator.chart.InstalledChart.policy;
import static dev.corral.operator.chart.InstalledChart.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chart, installed twice on one real API server: namespace team-a is the first one's, team-b the second one's, team-c nobody's. What
 * each account may do ends where its installation's namespaces end; what nobody may do, nobody may anywhere.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TwoInstallationsIT {
    private static final String DRY = "?dryRun=All";
    private static final String OWN_PODS = "{matchLabels: {corral.dev/plugin-pod: 'true'}}";
    private static final String KINDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String CLUSTERS = "/apis/corral.dev/v1alpha1/corralclusters";

    @TempDir
    static Path folder;

    private InstalledChart first;
    private Map<String, Caller> callers;
    private Map<String, String> executions;

    @BeforeAll
    void install() throws IOException {
        var cluster = ControlPlane.start(folder);
        first = InstalledChart.on(
                cluster,
                Map.of(
                        "namespaces.matchExpressions[0].key", "installation",
                        "namespaces.matchExpressions[0].operator", "DoesNotExist"));
        InstalledChart.again(cluster, "corral-two", Map.of("namespaces.matchLabels.installation", "two"));
        callers = Map.of(
                "controller one", first.controller(),
                "gateway one", first.gateway(),
                "controller two", InstalledChart.account(cluster, "corral-two", "corral-controller"),
                "gateway two", InstalledChart.account(cluster, "corral-two", "corral-gateway"),
                "impostor", InstalledChart.account(cluster, "team-a", "corral-controller"),
                "tenant", first.tenant());
        for (var name : new String[] {"team-b", "team-c", "team-m"}) {
            first.makeNamespace(name);
        }
        label("team-b", "two");
        label("team-c", "three");
        executions = Map.of(
                "team-a", first.makeExecution("team-a", "check"),
                "team-b", first.makeExecution("team-b", "check"),
                "team-c", first.makeExecution("team-c", "check"));
        await("the second one's guards in force, and the labels known to all")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> {
                    refuse(who("controller two").create(PODS + DRY, pod("team-a")), "corral-two");
                    refuse(who("controller one").create(in("team-b", PODS) + DRY, pod("team-b")), "corral-system");
                    refuse(who("controller one").create(in("team-c", PODS) + DRY, pod("team-c")), "corral-system");
                    accept(who("controller two").create(in("team-b", PODS) + DRY, pod("team-b")));
                });
    }

    @AfterAll
    void stop() {
        if (first != null) {
            first.close();
        }
    }

    @Test
    @Order(1)
    void noGuardHasATypeError() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            var guards = get("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies")
                    .body()
                    .path("items");
            assertThat(guards).hasSize(36);
            assertThat(guards).allSatisfy(guard -> {
                assertThat(guard.at("/status/observedGeneration").asInt()).isEqualTo(1);
                assertThat(guard.at("/status/typeChecking/expressionWarnings"))
                        .as(guard.toPrettyString())
                        .isEmpty();
            });
        });
    }

    /** The second one took neither kinds nor fallback over, without being told to leave them. */
    @Test
    @Order(1)
    void whatIsSharedStaysTheFirstOnes() {
        for (var shared : new String[] {
            KINDS + "/plugins.corral.dev", "/apis/corral.dev/v1alpha1/clusterpluginpolicies/corral-fallback"
        }) {
            accept(get(shared));
        }
        assertThat(get(KINDS + "/plugins.corral.dev")
                        .body()
                        .at("/metadata/annotations/meta.helm.sh~1release-namespace")
                        .asText())
                .isEqualTo("corral-system");
    }

    @ParameterizedTest
    @Order(1)
    @CsvSource({
        "one, team-a, true",
        "one, team-b, false",
        "one, team-c, false",
        "two, team-a, false",
        "two, team-b, true",
        "two, team-c, false"
    })
    void eachWritesWhereItServesAndNowhereElse(String installation, String namespace, boolean serves) {
        var controller = who("controller " + installation);
        var gateway = who("gateway " + installation);
        var deny = policy("corral-default-deny", "corral", OWN_PODS, "");
        var account = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: corral-plugin, labels:"
                + " {app.kubernetes.io/managed-by: corral}}, automountServiceAccountToken: false}";
        var accounts = "/api/v1/namespaces/" + namespace + "/serviceaccounts/corral-plugin" + DRY
                + "&force=true&fieldManager=corral";
        var execution = in(namespace, EXECUTIONS) + "/check";
        for (var answer : new Caller.Answer[] {
            controller.create(in(namespace, PODS) + DRY, pod(namespace)),
            controller.create(in(namespace, POLICIES) + DRY, deny),
            controller.patch(accounts, APPLY, account),
            controller.patch(execution + "/status" + DRY, MERGE, "{\"status\": {\"state\": \"Pending\"}}"),
            controller.send("DELETE", execution + DRY, "application/json", ""),
            gateway.patch(execution + "/status" + DRY, MERGE, "{\"status\": {\"report\": {\"attempt\": 1}}}")
        }) {
            if (serves) {
                accept(answer);
            } else {
                refuse(answer, "namespace " + namespace + " is not served by the installation");
            }
        }
    }

    @ParameterizedTest
    @Order(1)
    @CsvSource({"one, corral-two", "two, corral-system"})
    void neitherTouchesWhatTheOtherSaysOfItself(String installation, String other) {
        var name = other.equals("corral-system") ? "cluster" : other;
        var body = "{apiVersion: corral.dev/v1alpha1, kind: CorralCluster, metadata: {name: %s}}".formatted(name);
        var answer = who("controller " + installation)
                .patch(CLUSTERS + "/" + name + DRY + "&fieldManager=corral&force=true", APPLY, body);
        assertThat(answer.code()).as(answer.message()).isEqualTo(403);
        var own = other.equals("corral-system") ? "corral-two" : "cluster";
        accept(who("controller " + installation)
                .patch(
                        CLUSTERS + "/" + own + DRY + "&fieldManager=corral&force=true",
                        APPLY,
                        body.replace("name: " + name, "name: " + own)));
    }

    /** A service account may be called what it likes; the right that makes a controller of it is not a tenant's to give. */
    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"impostor", "tenant"})
    void whoIsCalledControllerIsNone(String somebody) {
        accept(first.admin()
                .patch(
                        "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/impostor?fieldManager=test",
                        APPLY,
                        """
                {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: impostor},
                 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: everything},
                 subjects: [{kind: ServiceAccount, name: corral-controller, namespace: team-a}]}"""));
        refuse(who(somebody).create(PODS + DRY, pod("team-a")), "Corral");
        refuse(who(somebody).create(POLICIES + DRY, policy("x", "corral", OWN_PODS, "")), "Corral's own label");
        refuse(
                who(somebody)
                        .patch(EXECUTIONS + "/check/status" + DRY, MERGE, "{\"status\": {\"state\": \"Succeeded\"}}"),
                "written by Corral only");
    }

    /** A namespace may become somebody's tomorrow: nobody prepares it for that day. */
    @ParameterizedTest
    @Order(1)
    @ValueSource(strings = {"team-b", "team-c"})
    void guardsHoldInEveryNamespaceWhoeverServesIt(String namespace) {
        var tenant = who("tenant");
        refuse(tenant.create(in(namespace, PODS) + DRY, pod(namespace)), "Corral");
        refuse(tenant.create(in(namespace, POLICIES) + DRY, policy("x", "corral", OWN_PODS, "")), "Corral's own label");
        refuse(tenant.send("POST", in(namespace, PODS) + "/pex-x/exec?command=id", "application/json", ""), "exec");
        refuse(
                tenant.patch(
                        in(namespace, EXECUTIONS) + "/check/status" + DRY,
                        MERGE,
                        "{\"status\": {\"installation\": \"corral-system\"}}"),
                "written by Corral only");
        refuse(
                tenant.patch(
                        in(namespace, EXECUTIONS) + "/check" + DRY, MERGE, "{\"spec\": {\"input\": {\"url\": \"x\"}}}"),
                "");
    }

    /** What it has it may end; what it has not, and new pods, are the other one's from the moment the label stands. */
    @Test
    @Order(2)
    void aNamespaceThatGoesOverLeavesTheOldOneWhatItHasAndNothingElse() {
        first.makeExecution("team-m", "runs");
        first.makeExecution("team-m", "waits");
        var runs = in("team-m", EXECUTIONS) + "/runs/status";
        var waits = in("team-m", EXECUTIONS) + "/waits/status";
        accept(who("controller one").patch(runs, MERGE, "{\"status\": {\"installation\": \"corral-system\"}}"));
        label("team-m", "two");
        await("the label known")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> refuse(
                        who("controller one").patch(waits + DRY, MERGE, "{\"status\": {\"state\": \"x\"}}"),
                        "not served"));

        accept(who("gateway one").patch(runs, MERGE, "{\"status\": {\"report\": {\"attempt\": 1}}}"));
        accept(who("controller one").patch(runs, MERGE, "{\"status\": {\"state\": \"Succeeded\"}}"));
        refuse(who("gateway one").patch(waits, MERGE, "{\"status\": {\"report\": {\"attempt\": 1}}}"), "not served");
        var pod = HardenedPod.ownedBy("x");
        refuse(who("controller one").create(in("team-m", PODS) + DRY, pod), "not served");
        accept(who("controller two").create(in("team-m", PODS) + DRY, pod));
        accept(who("controller two").patch(waits, MERGE, "{\"status\": {\"installation\": \"corral-two\"}}"));
    }

    @Test
    @Order(3)
    void theChartRefusesASecondInstallationForEverything() {
        assertThatThrownBy(() -> {
                    told("cluster", "{installation: corral-system, namespaces: {matchLabels: {team: one}}}");
                    InstalledChart.again(first.cluster(), "corral-three", Map.of());
                })
                .hasMessageContaining("corral-system serves some namespaces");
        assertThatThrownBy(() -> {
                    told("cluster", "{installation: corral-system, namespaces: {}}");
                    InstalledChart.again(
                            first.cluster(), "corral-three", Map.of("namespaces.matchLabels.installation", "three"));
                })
                .hasMessageContaining("corral-system serves every namespace");
    }

    @Test
    @Order(4)
    void withoutTheSecondTheFirstIsAsGuardedAsBefore() {
        var uninstall = Helm.uninstall("corral")
                .withNamespace("corral-two")
                .withKubeConfigContents(first.cluster().kubeconfig());
        assertThat(uninstall.call()).contains("uninstalled");

        assertThat(get("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies")
                        .body()
                        .path("items"))
                .hasSize(18);
        accept(get("/apis/corral.dev/v1alpha1/clusterpluginpolicies/corral-fallback"));
        await("its rights are gone")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(who("controller two")
                                .create(in("team-b", PODS) + DRY, pod("team-b"))
                                .code())
                        .isEqualTo(403));
        accept(who("controller one").create(PODS + DRY, pod("team-a")));
        refuse(who("controller one").create(in("team-b", PODS) + DRY, pod("team-b")), "not served");
        guardsHoldInEveryNamespaceWhoeverServesIt("team-b");
    }

    /** Kinds that nobody upgrades would drop, unsaid, what a newer chart's objects say. */
    @Test
    @Order(5)
    void whenWhoBroughtTheKindsIsGoneTheyAreTheNextOnesToTakeAndToUpgrade() {
        var kind = KINDS + "/plugins.corral.dev";
        assertThat(Helm.uninstall("corral")
                        .withNamespace(Chart.NAMESPACE)
                        .withKubeConfigContents(first.cluster().kubeconfig())
                        .call())
                .contains("uninstalled");
        accept(first.admin()
                .send("DELETE", CLUSTERS + "/cluster", "application/json", "")); // nobody's: a test wrote it
        accept(first.admin().patch(kind, MERGE, "{\"spec\": {\"names\": {\"shortNames\": [\"old\"]}}}"));
        Map<String, Object> some = Map.of("namespaces.matchLabels.installation", "two");
        await("the controller that had them is gone")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThatThrownBy(() -> InstalledChart.again(first.cluster(), "corral-two", some))
                        .hasMessageContaining("invalid ownership metadata"));

        // what --take-ownership does; this Helm is a library and has no such switch
        for (var each : get(KINDS).body().path("items")) {
            accept(first.admin()
                    .patch(
                            KINDS + "/" + each.at("/metadata/name").asText(),
                            MERGE,
                            "{\"metadata\": {\"annotations\": {\"meta.helm.sh/release-namespace\": \"corral-two\"}}}"));
        }
        InstalledChart.again(first.cluster(), "corral-two", some);

        assertThat(get(kind).body().at("/spec/names/shortNames/0").asText()).isEqualTo("plg");
    }

    private void told(String name, String status) {
        accept(first.admin()
                .patch(
                        CLUSTERS + "/" + name + "?fieldManager=test",
                        APPLY,
                        "{apiVersion: corral.dev/v1alpha1, kind: CorralCluster, metadata: {name: %s}}"
                                .formatted(name)));
        accept(first.admin()
                .patch(
                        CLUSTERS + "/" + name + "/status?fieldManager=test",
                        APPLY,
                        "{apiVersion: corral.dev/v1alpha1, kind: CorralCluster, metadata: {name: %s}, status: %s}"
                                .formatted(name, status)));
    }

    private void label(String namespace, String installation) {
        accept(first.admin()
                .patch(
                        "/api/v1/namespaces/" + namespace,
                        STRATEGIC,
                        "{\"metadata\": {\"labels\": {\"installation\": \"%s\"}}}".formatted(installation)));
    }

    private ObjectNode pod(String namespace) {
        return HardenedPod.ownedBy(executions.get(namespace));
    }

    private Caller who(String name) {
        return callers.get(name);
    }

    private Caller.Answer get(String path) {
        return first.admin().send("GET", path, "application/json", "");
    }

    private static String in(String namespace, String path) {
        return path.replace("team-a", namespace);
    }
}
