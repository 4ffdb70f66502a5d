package dev.corral.operator.chart;

import static dev.corral.operator.chart.Caller.APPLY;
import static dev.corral.operator.chart.Caller.MERGE;
import static dev.corral.operator.chart.Caller.STRATEGIC;
import static dev.corral.operator.chart.HardenedPod.parse;
import static dev.corral.operator.chart.InstalledChart.EXECUTIONS;
import static dev.corral.operator.chart.InstalledChart.PODS;
import static dev.corral.operator.chart.InstalledChart.POLICIES;
import static dev.corral.operator.chart.InstalledChart.accept;
import static dev.corral.operator.chart.InstalledChart.execution;
import static dev.corral.operator.chart.InstalledChart.policy;
import static dev.corral.operator.chart.InstalledChart.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The chart, installed on a real API server: what each account may do is what the guards say. The tenant here holds every right in
 * its namespace, so whatever refuses it is a guard and not RBAC.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdmissionIT {
    private static final String GUARDS = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    private static final String OWN_PODS = "{matchLabels: {corral.dev/plugin-pod: 'true'}}";
    private static final String DRY = "?dryRun=All";
    private static final String EXEMPT = "planter";

    @TempDir
    static Path folder;

    private InstalledChart chart;
    private Caller admin;
    private Caller tenant;
    private Caller controller;
    private Caller gateway;
    private ObjectNode hardened;
    private String ours;

    @BeforeAll
    void install() throws IOException {
        chart = InstalledChart.on(ControlPlane.start(folder), Map.of("guard.exemptUsers[0]", EXEMPT));
        admin = chart.admin();
        tenant = chart.tenant();
        controller = chart.controller();
        gateway = chart.gateway();
        hardened = HardenedPod.ownedBy(chart.makeExecution("team-a", "check"));
        accept(controller.create(PODS, hardened));
        ours = PODS + "/" + hardened.at("/metadata/name").asText();
        accept(controller.create(POLICIES, policy("corral-default-deny", "corral", OWN_PODS, "")));
    }

    @AfterAll
    void stop() {
        if (chart != null) {
            chart.close();
        }
    }

    @Test
    void noGuardHasATypeError() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            var guards =
                    admin.send("GET", GUARDS, "application/json", "").body().path("items");
            assertThat(guards).hasSize(17);
            for (var guard : guards) {
                assertThat(guard.at("/status/observedGeneration").asInt()).isEqualTo(1);
                assertThat(guard.at("/status/typeChecking/expressionWarnings"))
                        .as(guard.toPrettyString())
                        .isEmpty();
            }
        });
    }

    @Test
    void fallbackIsInstalledAndGrantsNeitherNetworkNorSecrets() {
        var policy = admin.send(
                "GET", "/apis/corral.dev/v1alpha1/clusterpluginpolicies/corral-fallback", "application/json", "");
        accept(policy);
        assertThat(policy.body().at("/spec/fallback").asBoolean()).isTrue();
        assertThat(policy.body().at("/spec/grants").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("commands", "env", "events", "files", "limits");
    }

    @Test
    void othersMayMakeAnyOtherPod() {
        accept(tenant.create(PODS + DRY, parse("{metadata: {name: x}, spec: {containers: [{name: x, image: x}]}}")));
        accept(tenant.create(
                PODS, parse("{metadata: {name: plain, labels: {app: x}}, spec: {containers: [{name: x, image: x}]}}")));
        accept(tenant.patch(PODS + "/plain", STRATEGIC, "{\"metadata\": {\"labels\": {\"tier\": \"x\"}}}"));
        accept(tenant.patch(
                PODS + "/plain", STRATEGIC, "{\"spec\": {\"containers\": [{\"name\": \"x\", \"image\": \"y\"}]}}"));
        accept(tenant.send("DELETE", PODS + "/plain", "application/json", ""));
    }

    // ---- controller-writes

    @Test
    void theControllerTouchesNothingOfOthers() {
        accept(tenant.create(PODS, parse("{metadata: {name: theirs}, spec: {containers: [{name: x, image: x}]}}")));
        accept(tenant.create(POLICIES, policy("theirs", "me", "{}", "")));
        refuse(controller.send("DELETE", PODS + "/theirs" + DRY, "application/json", ""), "somebody else's");
        refuse(
                controller.patch(
                        PODS + "/theirs" + DRY,
                        MERGE,
                        "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": \"corral\"}}}"),
                "somebody else's");
        refuse(controller.send("DELETE", POLICIES + "/theirs" + DRY, "application/json", ""), "somebody else's");
        refuse(controller.create(POLICIES + DRY, policy("x", "me", OWN_PODS, "")), "labelled");
        refuse(controller.create(POLICIES + DRY, policy("x", "corral", "{}", "")), "podSelector");
        refuse(
                controller.create(POLICIES + DRY, policy("x", "corral", "{matchLabels: {app: theirs}}", "")),
                "podSelector");
    }

    @ParameterizedTest
    @CsvSource({"default, false, else", "other, false, corral-plugin", "corral-plugin, true, automount"})
    void theControllerMakesOneServiceAccountWithoutRights(String name, boolean automount, String said) {
        var account =
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: %s, labels: {app.kubernetes.io/managed-by: corral}},"
                        + " automountServiceAccountToken: %s}";
        var path = "/api/v1/namespaces/team-a/serviceaccounts/" + name + DRY + "&force=true&fieldManager=corral";
        refuse(controller.patch(path, APPLY, account.formatted(name, automount)), said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/namespaces/team-a/secrets",
                "/api/v1/namespaces/team-a/secrets/api-key",
                "/api/v1/secrets",
                "/api/v1/namespaces/corral-system/secrets",
                "/api/v1/namespaces/team-a/configmaps"
            })
    void theControllerReadsNoSecrets(String path) {
        assertThat(controller.send("GET", path, "application/json", "").code()).isEqualTo(403);
    }

    @Test
    void theControllerClosesItsOwnPodsInAndLetsThemGo() {
        accept(controller.patch(
                POLICIES + "/corral-default-deny" + DRY,
                MERGE,
                "{\"metadata\": {\"labels\": {\"corral.dev/x\": \"y\"}}}"));
        accept(controller.send("DELETE", POLICIES + "/corral-default-deny" + DRY, "application/json", ""));
        accept(controller.send("DELETE", ours + DRY, "application/json", ""));
    }

    /** A pod that waited goes over to the execution that claimed it, by exactly this change and once. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {metadata: {ownerReferences: [OWNER], annotations: {corral.dev/execution: check, corral.dev/attempt: '1'}}} | ""
            {metadata: {ownerReferences: [OWNER]}}                                                        | only once
            {metadata: {ownerReferences: [OWNER], annotations: {corral.dev/execution: other}}}            | only once
            {metadata: {annotations: {corral.dev/execution: check, corral.dev/attempt: '1'}}}             | only once
            {metadata: {ownerReferences: [], annotations: {corral.dev/execution: check}}}                 | only once
            {metadata: {ownerReferences: [OWNER, {apiVersion: v1, kind: Pod, name: x, uid: x}], annotations: {corral.dev/execution: check}}} | only once
            {metadata: {ownerReferences: [{apiVersion: corral.dev/v1alpha1, kind: PluginPool, name: check, uid: y, controller: true}], annotations: {corral.dev/execution: check}}} | only once
            {metadata: {ownerReferences: [OWNER], annotations: {corral.dev/execution: check, corral.dev/given: x}}} | nothing of a pod but
            {metadata: {ownerReferences: [OWNER], annotations: {corral.dev/execution: check, corral.dev/plan: null}}} | nothing of a pod but
            {metadata: {ownerReferences: [OWNER], annotations: {corral.dev/execution: check}, labels: {corral.dev/network-class: n1}}} | nothing of a pod but
            {metadata: {ownerReferences: [OWNER], annotations: {corral.dev/execution: check}}, spec: {activeDeadlineSeconds: 10}} | nothing of a pod but
            """)
    void aPodThatWaitedGoesOverToTheExecutionThatClaimedIt(String change, String said) {
        var waiting = waitingPod();
        var owner = "{apiVersion: corral.dev/v1alpha1, kind: PluginExecution, name: check, uid: x, controller: true}";
        var patch = parse(change.replace("OWNER", owner)).toString();
        var answer = controller.patch(waiting + DRY, MERGE, patch);
        if (said.isEmpty()) {
            accept(answer);
        } else {
            refuse(answer, said);
        }
        refuse(tenant.patch(waiting + DRY, MERGE, patch), "");
    }

    /** Made for a run or taken over by one: it stays that run's. */
    @Test
    void aPodOfARunIsNobodyElsesEver() {
        for (var kind : new String[] {"PluginExecution", "PluginPool"}) {
            var patch =
                    "{metadata: {ownerReferences: [{apiVersion: corral.dev/v1alpha1, kind: %s, name: next, uid: y, controller: true}],"
                            + " annotations: {corral.dev/execution: next}}}";
            refuse(
                    controller.patch(
                            ours + DRY, MERGE, parse(patch.formatted(kind)).toString()),
                    "only once");
        }
        refuse(
                controller.patch(ours + DRY, MERGE, "{\"metadata\": {\"annotations\": {\"corral.dev/x\": \"y\"}}}"),
                "nothing of a pod but");
    }

    private String waitingPod() {
        var path = PODS + "/pex-waits";
        if (controller.send("GET", path, "application/json", "").code() == 200) {
            return path;
        }
        var pools = "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginpools";
        var pool = tenant.create(
                pools,
                parse("{apiVersion: corral.dev/v1alpha1, kind: PluginPool, metadata: {name: checks},"
                        + " spec: {plugin: {name: check}, handler: check, replicas: 1}}"));
        accept(pool);
        var owner = "{apiVersion: corral.dev/v1alpha1, kind: PluginPool, name: checks, uid: %s, controller: true}"
                .formatted(pool.body().at("/metadata/uid").asText());
        var pod = HardenedPod.with(hardened, "/metadata/ownerReferences/0", owner);
        pod = HardenedPod.with(pod, "/metadata/annotations", "{corral.dev/pool: checks, corral.dev/plan: p}");
        accept(controller.create(PODS, HardenedPod.with(pod, "/metadata/name", "pex-waits")));
        return path;
    }

    // ---- pod-guard: a tenant with every right in the namespace

    @ParameterizedTest
    @ValueSource(strings = {"name: pex-mine", "generateName: pex-"})
    void nobodyTakesOurPodNames(String name) {
        refuse(
                tenant.create(
                        PODS + DRY, parse("{metadata: {" + name + "}, spec: {containers: [{name: x, image: x}]}}")),
                "Corral's own");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "labels: {corral.dev/plugin-pod: 'true'}",
                "labels: {corral.dev/x: y}",
                "labels: {app.kubernetes.io/managed-by: corral}",
                "annotations: {corral.dev/x: y}"
            })
    void nobodyMakesPodsThatPassForOurs(String mark) {
        refuse(
                tenant.create(
                        PODS + DRY,
                        parse("{metadata: {name: x, " + mark + "}, spec: {containers: [{name: x, image: x}]}}")),
                "Corral's own");
    }

    /** Nor does a controller of Kubernetes for them, from a template. */
    @Test
    void nobodyPutsOurLabelOnAPod() {
        var manager = "{metadata: {labels: {app.kubernetes.io/managed-by: %s}}}";
        var replicaSets = new Caller(
                chart.cluster().as("system:serviceaccount:kube-system:replicaset-controller", "system:masters"));
        var pod = "{metadata: {name: managed, labels: {app.kubernetes.io/managed-by: %s}},"
                + " spec: {containers: [{name: x, image: x}]}}";
        for (var who : new Caller[] {tenant, admin, replicaSets}) {
            refuse(who.create(PODS + DRY, parse(pod.formatted("corral"))), "Corral's own label");
        }
        accept(tenant.create(PODS, parse(pod.formatted("Helm"))));
        refuse(
                tenant.patch(
                        PODS + "/managed" + DRY,
                        MERGE,
                        parse(manager.formatted("corral")).toString()),
                "Corral's own label");
        accept(tenant.patch(
                PODS + "/managed", MERGE, parse(manager.formatted("null")).toString()));
        accept(tenant.send("DELETE", PODS + "/managed", "application/json", ""));
    }

    /** What stood there before the guards did stays usable. */
    @Test
    void aPodThatHadOurLabelBeforeGoesOn() {
        var exempt = new Caller(chart.cluster().as(EXEMPT, "system:masters"));
        accept(exempt.create(PODS, parse("""
                {metadata: {name: early, labels: {app.kubernetes.io/managed-by: corral}}, spec: {containers: [{name: x, image: x}]}}""")));
        accept(tenant.patch(PODS + "/early" + DRY, MERGE, "{\"metadata\": {\"labels\": {\"tier\": \"x\"}}}"));
        accept(chart.kubelet()
                .patch(PODS + "/early/status" + DRY, STRATEGIC, "{\"status\": {\"phase\": \"Running\"}}"));
        accept(exempt.send("DELETE", PODS + "/early", "application/json", ""));
    }

    @Test
    void ourLabelIsOnNoAccountButOurs() {
        var accounts = "/api/v1/namespaces/team-a/serviceaccounts";
        var account =
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: %s, labels: {app.kubernetes.io/managed-by: %s}}}";
        var label = "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": %s}}}";
        for (var who : new Caller[] {tenant, admin}) {
            refuse(who.create(accounts + DRY, parse(account.formatted("theirs", "corral"))), "Corral's own label");
            accept(who.create(accounts + DRY, parse(account.formatted("theirs", "Helm"))));
            refuse(who.patch(accounts + "/default" + DRY, MERGE, label.formatted("\"corral\"")), "Corral's own label");
            for (var other : List.of("null", "\"me\"")) {
                refuse(who.patch(accounts + "/corral-plugin" + DRY, MERGE, label.formatted(other)), "and on Corral's");
            }
            // as clusters do that pull from a registry of their own
            accept(who.patch(
                    accounts + "/corral-plugin" + DRY, MERGE, "{\"imagePullSecrets\": [{\"name\": \"registry\"}]}"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {metadata: {labels: {corral.dev/network-class: other}}}   | never change
            {metadata: {labels: {corral.dev/network-class: null}}}    | never change
            {metadata: {labels: {corral.dev/plugin-pod: null}}}       | never change
            {metadata: {labels: {corral.dev/new: x}}}                 | never change
            {metadata: {annotations: {corral.dev/execution: other}}}  | never change
            {metadata: {annotations: {k8s.v1.cni.cncf.io/networks: x}}} | network plugins
            {metadata: {ownerReferences: null}}                       | keeps its owner
            {spec: {activeDeadlineSeconds: 10}}                       | spec of a plugin pod
            """)
    void ourPodsStayWhatTheyWereMade(String change, String said) {
        refuse(tenant.patch(ours + DRY, MERGE, parse(change).toString()), said);
        refuse(admin.patch(ours + DRY, MERGE, parse(change).toString()), said);
    }

    @Test
    void theImageOfARunningPluginIsNotSwapped() {
        refuse(
                tenant.patch(
                        ours + DRY,
                        STRATEGIC,
                        "{\"spec\": {\"containers\": [{\"name\": \"plugin\", \"image\": \"evil\"}]}}"),
                "spec of a plugin pod");
    }

    /** A label would do: whoever may write network policies could then select the pod by it. */
    @Test
    void nobodyPutsLabelsOnOurPodsButTheNodeMayPutAnnotations() {
        refuse(tenant.patch(ours + DRY, MERGE, "{\"metadata\": {\"labels\": {\"team\": \"a\"}}}"), "never change");
        refuse(
                tenant.patch(ours + "/status" + DRY, MERGE, "{\"metadata\": {\"labels\": {\"team\": \"a\"}}}"),
                "never change");
        accept(tenant.patch(ours + DRY, MERGE, "{\"metadata\": {\"annotations\": {\"team\": \"a\"}}}"));
    }

    /** They stand in the API server, and are read with every list, as long as the pod does. */
    @Test
    void whatOthersPutOnOurPodsIsLittle() {
        var annotate = "{\"metadata\": {\"annotations\": {\"team\": \"%s\"}}}";
        accept(tenant.patch(ours + DRY, MERGE, annotate.formatted("x".repeat(3500))));
        refuse(tenant.patch(ours + DRY, MERGE, annotate.formatted("x".repeat(4100))), "4 KiB");
        refuse(admin.patch(ours + DRY, MERGE, annotate.formatted("x".repeat(200_000))), "4 KiB");
        var many = IntStream.range(0, 500)
                .mapToObj(i -> "\"note-" + i + "\": \"x\"")
                .collect(Collectors.joining(", "));
        refuse(tenant.patch(ours + DRY, MERGE, "{\"metadata\": {\"annotations\": {" + many + "}}}"), "4 KiB");
        var cluster = new Caller(chart.cluster().as("system:serviceaccount:kube-system:network", "system:masters"));
        accept(cluster.patch(ours + DRY, MERGE, annotate.formatted("x".repeat(5000))));
        accept(tenant.patch(ours + "/status" + DRY, MERGE, annotate.formatted("x".repeat(5000))));
    }

    @Test
    void nobodyGetsIntoOurPods() {
        for (var way : new String[] {"exec?command=id", "attach", "portforward", "proxy"}) {
            for (var who : new Caller[] {tenant, admin}) {
                refuse(who.send("POST", ours + "/" + way, "application/json", ""), "allow no exec");
            }
        }
        refuse(
                tenant.patch(
                        ours + "/ephemeralcontainers" + DRY,
                        STRATEGIC,
                        "{\"spec\": {\"ephemeralContainers\": [{\"name\": \"x\", \"image\": \"x\"}]}}"),
                "ephemeral");
        refuse(
                tenant.patch(
                        ours + "/resize" + DRY,
                        STRATEGIC,
                        "{\"spec\": {\"containers\": [{\"name\": \"plugin\", \"resources\": {\"limits\": {\"cpu\": \"2\"}}}]}}"),
                "resiz");
    }

    @Test
    void nobodyPassesForALauncher() {
        var accounts = "/api/v1/namespaces/team-a/serviceaccounts/";
        accept(tenant.create(
                "/api/v1/namespaces/team-a/serviceaccounts",
                parse("{apiVersion: v1, kind: ServiceAccount, metadata: {name: mine}}")));
        for (var who : new Caller[] {tenant, admin}) {
            refuse(who.create(accounts + "corral-plugin/token" + DRY, token("anything")), "for kubelets alone");
            refuse(who.create(accounts + "mine/token" + DRY, token("corral-gateway")), "for kubelets alone");
            accept(who.create(accounts + "mine/token", token("corral-artifacts")));
        }
        accept(chart.kubelet().create(accounts + "mine/token", token("corral-gateway")));
    }

    private static JsonNode token(String audience) {
        return parse("{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {audiences: [%s]}}"
                .formatted(audience));
    }

    @Test
    void statusOfOurPodsIsWrittenByKubeletAndGateway() {
        var gate = "{\"status\": {\"conditions\": [{\"type\": \"corral.dev/SandboxVerified\", \"status\": \"True\"}]}}";
        var phase = "{\"status\": {\"phase\": \"Succeeded\"}}";
        refuse(tenant.patch(ours + "/status" + DRY, STRATEGIC, gate), "kubelet and Corral's gateway");
        refuse(admin.patch(ours + "/status" + DRY, STRATEGIC, phase), "kubelet and Corral's gateway");
        // as network plugins do
        accept(tenant.patch(
                ours + "/status" + DRY, MERGE, "{\"metadata\": {\"annotations\": {\"cni.example/ip\": \"x\"}}}"));
        accept(gateway.patch(ours + "/status" + DRY, STRATEGIC, gate));
        refuse(gateway.patch(ours + "/status" + DRY, STRATEGIC, phase), "readiness gate");
        refuse(
                gateway.patch(
                        ours + "/status" + DRY,
                        STRATEGIC,
                        "{\"metadata\": {\"labels\": {\"corral.dev/network-class\": \"x\"}}}"),
                "never change");
        accept(chart.kubelet().patch(ours + "/status" + DRY, STRATEGIC, phase));
        for (var mark : List.of("labels", "annotations")) {
            var change = "{\"metadata\": {\"%s\": {\"corral.dev/network-class\": \"x\"}}}".formatted(mark);
            refuse(chart.kubelet().patch(ours + "/status" + DRY, STRATEGIC, change), "never change");
        }
    }

    @Test
    void theSchedulerPlacesOurPods() {
        var scheduler = new Caller(chart.cluster().as("system:kube-scheduler", "system:authenticated"));
        accept(scheduler.create(
                ours + "/binding" + DRY,
                parse("{apiVersion: v1, kind: Binding, metadata: {name: %s}, target: {kind: Node, name: node-1}}"
                        .formatted(hardened.at("/metadata/name").asText()))));
    }

    @Test
    void drainsEvictOurPods() {
        var evict = parse("{apiVersion: policy/v1, kind: Eviction, metadata: {name: %s}}"
                .formatted(hardened.at("/metadata/name").asText()));
        accept(admin.create(ours + "/eviction" + DRY, evict));
    }

    @Test
    void theKubeletEndsAndDeletesOurPods() {
        accept(chart.kubelet().patch(ours + "/status" + DRY, STRATEGIC, "{\"status\": {\"phase\": \"Failed\"}}"));
        accept(chart.kubelet()
                .send("DELETE", ours, "application/json", "{\"gracePeriodSeconds\": 0, \"dryRun\": [\"All\"]}"));
    }

    // ---- execution

    @Test
    void inputOfAnExecutionNeverChanges() {
        var check = EXECUTIONS + "/check" + DRY;
        refuse(
                tenant.patch(check, MERGE, "{\"spec\": {\"input\": {\"url\": \"https://other.example/\"}}}"),
                "spec.input never changes");
        refuse(
                tenant.patch(check, MERGE, "{\"spec\": {\"input\": {\"more\": {\"deep\": [1, 2]}}}}"),
                "spec.input never changes");
        accept(tenant.patch(check, MERGE, "{\"spec\": {\"cancel\": true}}"));
        accept(tenant.patch(check, MERGE, "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}"));
    }

    @Test
    void inputOfAnExecutionIsSmall() {
        var big = execution("big");
        ((ObjectNode) big.at("/spec/input")).put("text", "x".repeat(16_385));
        refuse(tenant.create(EXECUTIONS + DRY, big), "spec.inputFrom");
        var wide = execution("wide");
        for (var i = 0; i < 257; i++) {
            ((ObjectNode) wide.at("/spec/input")).put("k" + i, i);
        }
        refuse(tenant.create(EXECUTIONS + DRY, wide), "spec.inputFrom");
        var long_ = execution("long");
        var list = ((ObjectNode) long_.at("/spec/input")).putArray("urls");
        for (var i = 0; i < 257; i++) {
            list.add(i);
        }
        refuse(tenant.create(EXECUTIONS + DRY, long_), "spec.inputFrom");
        var none = execution("none");
        ((ObjectNode) none.at("/spec")).remove("input");
        accept(tenant.create(EXECUTIONS + DRY, none));
        var deep = execution("deep");
        ((ObjectNode) deep.at("/spec/input"))
                .set("a", dense(85_000)); // 255 KB, which the controller takes for one of 256 KiB
        accept(tenant.create(EXECUTIONS + DRY, deep));
        ((ObjectNode) deep.at("/spec/input")).set("a", dense(400_000));
        refuse(tenant.create(EXECUTIONS + DRY, deep), "spec.input is larger than 256 KiB");
    }

    @Test
    void schemasOfAPluginAreSmall() {
        for (var kind : List.of("namespaces/team-a/plugins Plugin", "clusterplugins ClusterPlugin")) {
            var plugins = "/apis/corral.dev/v1alpha1/" + kind.split(" ")[0];
            var plugin = parse("""
                    apiVersion: corral.dev/v1alpha1
                    kind: %s
                    metadata: {name: dense}
                    spec: {image: registry.example.org/a:1, handlers: [{name: main, command: [/bin/true]}]}
                    """.formatted(kind.split(" ")[1]));
            ((ObjectNode) plugin.at("/spec/handlers/0")).set("input", dense(85_000));
            accept(admin.create(plugins + DRY, plugin));
            ((ObjectNode) plugin.at("/spec/handlers/0")).set("output", dense(85_000));
            refuse(admin.create(plugins + DRY, plugin), "at most 512 KiB");
        }
    }

    private static JsonNode dense(int maps) {
        return parse("{b: [" + "{},".repeat(maps - 1) + "{}]}");
    }

    @Test
    void eachRoleWritesItsPartOfTheStatus() {
        chart.makeExecution("team-a", "parts");
        var status = EXECUTIONS + "/parts/status";
        var state = "{\"status\": {\"state\": \"Running\"}}";
        var report = "{\"status\": {\"report\": {\"attempt\": 1, \"reason\": \"HandlerReturned\"}, \"result\": 1}}";
        refuse(tenant.patch(status, MERGE, state), "written by Corral only");
        refuse(admin.patch(status, MERGE, state), "written by Corral only");
        refuse(gateway.patch(status, MERGE, state), "report, result, artifacts, events and learned");
        accept(controller.patch(status, MERGE, state));
        accept(gateway.patch(status, MERGE, report));
        refuse(gateway.patch(status, MERGE, "{\"status\": {\"state\": null}}"), "nothing else");
        refuse(controller.patch(status, MERGE, "{\"status\": {\"report\": {\"attempt\": 2}}}"), "gateway's");
        refuse(controller.patch(status, MERGE, "{\"status\": {\"report\": null}}"), "gateway's");
        accept(controller.patch(status, MERGE, "{\"status\": {\"state\": \"Succeeded\"}}"));
    }

    @Test
    void theControllerWritesAReportWithTheEndOnly() {
        chart.makeExecution("team-a", "told");
        var status = EXECUTIONS + "/told/status";
        var report = "{\"status\": {%s\"report\": {\"attempt\": 1, \"reason\": \"HandlerReturned\"}}}";
        refuse(controller.patch(status, MERGE, report.formatted("")), "with the end");
        accept(controller.patch(status, MERGE, report.formatted("\"completionTime\": \"2026-01-01T00:00:00Z\", ")));
        refuse(
                controller.patch(
                        status,
                        MERGE,
                        report.formatted("\"state\": \"Failed\", ").replace("1", "2")),
                "gateway's");
    }

    @Test
    void theControllerCompletesAReportWithTheEndOnly() {
        chart.makeExecution("team-a", "begun");
        var status = EXECUTIONS + "/begun/status";
        accept(gateway.patch(status, MERGE, "{\"status\": {\"report\": {\"attempt\": 1, \"started\": true}}}"));
        var report = "{\"status\": {%s\"report\": %s}}";
        var end = "\"completionTime\": \"2026-01-01T00:00:00Z\", ";
        refuse(controller.patch(status, MERGE, report.formatted("", "{\"reason\": \"TimedOut\"}")), "with the end");
        refuse(controller.patch(status, MERGE, report.formatted(end, "null")), "gateway's");
        accept(controller.patch(status, MERGE, report.formatted(end, "{\"reason\": \"TimedOut\"}")));
        refuse(controller.patch(status, MERGE, report.formatted("", "{\"reason\": null}")), "gateway's");
    }

    // ---- owners

    @Test
    void nobodyElseMakesObjectsOfOurKindsChildren() {
        var owner = "ownerReferences: [{apiVersion: corral.dev/v1alpha1, kind: PluginExecution, name: check, uid: x}]";
        refuse(
                tenant.create(
                        PODS + DRY,
                        parse("{metadata: {name: x, " + owner + "}, spec: {containers: [{name: x, image: x}]}}")),
                "ownerReference");
        refuse(
                tenant.create(
                        POLICIES + DRY,
                        parse("{metadata: {name: x, " + owner + "}, spec: {podSelector: {matchLabels: {app: x}}}}")),
                "ownerReference");
        accept(tenant.create(POLICIES, policy("mine", "me", "{matchLabels: {app: x}}", "")));
        refuse(
                tenant.patch(
                        POLICIES + "/mine" + DRY,
                        MERGE,
                        parse("{metadata: {" + owner + "}}").toString()),
                "ownerReference");
    }

    // ---- network policies

    @Test
    void nobodyElseOpensWhatClosesOurPodsIn() {
        var deny = POLICIES + "/corral-default-deny" + DRY;
        for (var who : new Caller[] {tenant, admin}) {
            refuse(who.send("DELETE", deny, "application/json", ""), "is Corral's");
            refuse(who.patch(deny, MERGE, "{\"spec\": {\"egress\": [{}]}}"), "");
            refuse(
                    who.patch(deny, MERGE, "{\"metadata\": {\"labels\": {\"app.kubernetes.io/managed-by\": null}}}"),
                    "is Corral's");
            refuse(who.send("DELETE", POLICIES + DRY, "application/json", ""), "is Corral's");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            {}                                                                                  | false
            {matchLabels: {corral.dev/plugin-pod: 'true'}}                                      | false
            {matchLabels: {app.kubernetes.io/managed-by: corral}}                               | false
            {matchExpressions: [{key: app, operator: DoesNotExist}]}                            | false
            {matchExpressions: [{key: app, operator: NotIn, values: [a]}]}                      | false
            {matchExpressions: [{key: corral.dev/plugin-pod, operator: DoesNotExist}]}          | true
            {matchLabels: {app: web}}                                                           | true
            {matchExpressions: [{key: app, operator: In, values: [a]}]}                         | true
            """)
    void nobodyElseWidensWhatOurPodsReach(String selector, boolean accepted) {
        var dns = "egress: [{ports: [{port: 53, protocol: UDP}]}]";
        var answer = tenant.create(POLICIES + DRY, policy("x", "me", selector, dns));
        if (accepted) {
            accept(answer);
        } else {
            refuse(answer, "could open the network");
        }
        accept(tenant.create(POLICIES + DRY, policy("x", "me", selector, "")));
    }

    // ---- the cluster's own controllers, which are real here

    @Test
    void garbageCollectionPasses() {
        var uid = chart.makeExecution("team-a", "collected");
        var pod = HardenedPod.with(HardenedPod.ownedBy(uid), "/metadata/name", "pex-collected");
        accept(controller.create(PODS, HardenedPod.with(pod, "/metadata/ownerReferences/0/name", "collected")));
        accept(tenant.send(
                "DELETE", EXECUTIONS + "/collected", "application/json", "{\"propagationPolicy\": \"Background\"}"));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> tenant.send("GET", PODS + "/pex-collected", "application/json", "")
                                .code()
                        == 404);
    }

    @Test
    void orphaningPasses() {
        var uid = chart.makeExecution("team-a", "orphaned");
        var pod = HardenedPod.with(HardenedPod.ownedBy(uid), "/metadata/name", "pex-orphaned");
        accept(controller.create(PODS, HardenedPod.with(pod, "/metadata/ownerReferences/0/name", "orphaned")));
        accept(tenant.send(
                "DELETE", EXECUTIONS + "/orphaned", "application/json", "{\"propagationPolicy\": \"Orphan\"}"));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> tenant.send("GET", EXECUTIONS + "/orphaned", "application/json", "")
                                .code()
                        == 404);
        var orphan = tenant.send("GET", PODS + "/pex-orphaned", "application/json", "");
        assertThat(orphan.body().at("/metadata/ownerReferences")).isEmpty();
    }

    @Test
    void namespaceDeletionPasses() {
        chart.makeNamespace("team-b");
        var uid = chart.makeExecution("team-b", "check");
        var pods = PODS.replace("team-a", "team-b");
        accept(controller.create(pods, HardenedPod.ownedBy(uid)));
        accept(controller.create(
                POLICIES.replace("team-a", "team-b"), policy("corral-default-deny", "corral", OWN_PODS, "")));
        accept(admin.send("DELETE", "/api/v1/namespaces/team-b", "application/json", ""));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> admin.send("GET", "/api/v1/namespaces/team-b", "application/json", "")
                                .code()
                        == 404);
    }
}
