package dev.corral.operator.chart;

import static dev.corral.operator.chart.Caller.APPLY;
import static dev.corral.operator.chart.HardenedPod.parse;
import static dev.corral.operator.chart.InstalledChart.PODS;
import static dev.corral.operator.chart.InstalledChart.POLICIES;
import static dev.corral.operator.chart.InstalledChart.accept;
import static dev.corral.operator.chart.InstalledChart.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.operator.decide.PodRefusals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
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

/** The guard on the controller's own pods, on a real API server: the hardened pod passes, and each line of it missing is refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PodShapeIT {
    private static final String DRY = "?dryRun=All";
    private static final String OWN_PODS = "/api/v1/namespaces/" + Chart.NAMESPACE + "/pods";

    @TempDir
    static Path folder;

    private InstalledChart chart;
    private Caller controller;
    private ObjectNode hardened;

    @BeforeAll
    void install() throws IOException {
        chart = InstalledChart.on(ControlPlane.start(folder), Map.of());
        controller = chart.controller();
        hardened = HardenedPod.ownedBy(chart.makeExecution("team-a", "check"));
    }

    @AfterAll
    void stop() {
        if (chart != null) {
            chart.close();
        }
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            /metadata/name                                  | check                                 | named pex-
            /metadata/labels/corral.dev~1plugin-pod         |                                       | corral.dev/plugin-pod=true
            /metadata/labels/app.kubernetes.io~1managed-by  |                                       | managed-by=corral
            /metadata/ownerReferences                       |                                       | one owner
            /metadata/ownerReferences/0/controller          | false                                 | one owner
            /metadata/ownerReferences/0/kind                | Plugin                                | one owner
            /metadata/ownerReferences/0/kind                | PluginPool                            | names it in the annotation corral.dev/pool
            /metadata/ownerReferences/0/apiVersion          | apps/v1                               | one owner
            /metadata/ownerReferences/-                     | {apiVersion: v1, kind: Pod, name: x, uid: x} | one owner
            /spec/containers/0/name                         | other                                 | one container
            /spec/containers/-                              | {name: other, image: x}               | one container
            /spec/initContainers                            | [{name: other, image: x}]             | no init container
            /metadata/labels/app                            | web                                   | found app
            /spec/containers/0/command                      | [/.corral/bin/corral, install]        | corral launch
            /spec/containers/0/command                      | [/.corral/bin/corral, launch, --x]    | corral launch
            /spec/containers/0/args                         | [--insecure]                          | no args
            /spec/containers/0/workingDir                   | /work                                 | no workingDir
            /spec/hostAliases                               | [{ip: 10.0.0.1, hostnames: [api.example.org]}] | hostAliases
            /spec/activeDeadlineSeconds                     |                                       | activeDeadlineSeconds
            /spec/terminationGracePeriodSeconds             | 3600                                  | terminationGracePeriodSeconds
            /spec/dnsConfig/searches                        | [svc.cluster.local]                   | no DNS
            /spec/securityContext/fsGroup                   | 0                                     | fsGroup
            /spec/securityContext/fsGroup                   |                                       | fsGroup
            /spec/containers/0/securityContext/runAsGroup   | 70000                                 | runAsGroup
            /spec/containers/0/terminationMessagePath       | /dev/termination-log                  | terminationMessagePath
            /spec/containers/0/terminationMessagePath       |                                       | terminationMessagePath
            /spec/containers/0/resources/limits/cpu         |                                       | limit of cpu
            /spec/containers/0/env/-                        | {name: CORRAL_DEBUG, value: x}        | found CORRAL_GATEWAY, CORRAL_SENTINEL, CORRAL_CA, CORRAL_DEBUG
            /spec/volumes/0                                 | {name: launcher, emptyDir: {sizeLimit: 16Mi}} | the volume launcher
            /spec/containers/0/volumeMounts/0/mountPath     | /.corral/elsewhere                    | at /.corral/bin
            /spec/containers/0/volumeMounts/0/name          | work                                  | at /.corral/bin
            /spec/containers/0/volumeMounts/1/name          | secret-0                              | below /.corral
            /spec/containers/0/volumeMounts/1/mountPath     | /.corral/other                        | below /.corral
            /spec/containers/0/volumeMounts/2/name          | token                                 | below /.corral
            /spec/containers/0/volumeMounts/3/name          | launcher                              | at /.corral/bin
            /spec/volumes/1/projected/sources/-             | {secret: {name: api-key, items: [{key: token, path: x}]}} | the volume token, alone
            /spec/volumes/3/projected/sources/-             | {serviceAccountToken: {audience: corral-gateway, expirationSeconds: 600, path: t}} | the volume token, alone
            /spec/volumes/2                                 | {name: work, projected: {sources: []}} | an emptyDir
            /spec/containers/0/command                      |                                       | /.corral/bin/corral
            /spec/containers/0/command                      | [/bin/sh]                             | /.corral/bin/corral
            /spec/hostUsers                                 | true                                  | hostUsers false
            /spec/hostUsers                                 |                                       | hostUsers false
            /spec/shareProcessNamespace                     | true                                  | shareProcessNamespace
            /spec/nodeName                                  | node-1                                | nodeName
            /spec/resourceClaims                            | [{name: gpu, resourceClaimName: gpu}] | resourceClaims
            /spec/serviceAccountName                        | default                               | corral-plugin
            /spec/automountServiceAccountToken              | true                                  | automountServiceAccountToken
            /spec/automountServiceAccountToken              |                                       | automountServiceAccountToken
            /spec/enableServiceLinks                        | true                                  | enableServiceLinks
            /spec/dnsPolicy                                 | ClusterFirst                          | no DNS
            /spec/dnsConfig/nameservers                     | [10.96.0.10]                          | no DNS
            /spec/restartPolicy                             | OnFailure                             | restartPolicy Never
            /spec/containers/0/restartPolicy                | OnFailure                             | restartPolicy Never
            /spec/securityContext/runAsNonRoot              |                                       | runAsNonRoot
            /spec/containers/0/securityContext/runAsNonRoot | false                                 | runAsNonRoot
            /spec/securityContext/runAsUser                 |                                       | runAsUser
            /spec/securityContext/runAsUser                 | 0                                     | runAsUser
            /spec/securityContext/runAsUser                 | 65536                                 | runAsUser
            /spec/containers/0/securityContext/runAsUser    | 0                                     | runAsUser
            /spec/containers/0/securityContext/runAsUser    | 70000                                 | runAsUser
            /spec/securityContext/runAsGroup                |                                       | runAsGroup
            /spec/containers/0/securityContext/runAsGroup   | 0                                     | runAsGroup
            /spec/securityContext/supplementalGroupsPolicy  | Merge                                 | supplementalGroupsPolicy
            /spec/securityContext/supplementalGroupsPolicy  |                                       | supplementalGroupsPolicy
            /spec/securityContext/supplementalGroups        | [4]                                   | supplementalGroups
            /spec/securityContext/seccompProfile            |                                       | seccompProfile
            /spec/securityContext/seccompProfile/type       | Unconfined                            | seccompProfile
            /spec/containers/0/securityContext/seccompProfile | {type: Unconfined}                  | seccompProfile
            /spec/securityContext/appArmorProfile           | {type: Unconfined}                    | appArmorProfile
            /spec/containers/0/securityContext/appArmorProfile | {type: Unconfined}                 | appArmorProfile
            /spec/securityContext/sysctls                   | [{name: kernel.shm_rmid_forced, value: '0'}] | sysctls
            /spec/securityContext/seLinuxOptions            | {type: spc_t}                         | seLinuxOptions
            /spec/containers/0/securityContext/seLinuxOptions | {type: spc_t}                       | seLinuxOptions
            /spec/securityContext/windowsOptions            | {hostProcess: false}                  | windowsOptions
            /spec/containers/0/securityContext              |                                       | allowPrivilegeEscalation
            /spec/containers/0/securityContext/allowPrivilegeEscalation | true                      | allowPrivilegeEscalation
            /spec/containers/0/securityContext/allowPrivilegeEscalation |                           | allowPrivilegeEscalation
            /spec/containers/0/securityContext/capabilities |                                       | capabilities
            /spec/containers/0/securityContext/capabilities/drop | [NET_RAW]                        | capabilities
            /spec/containers/0/securityContext/capabilities/add | [NET_BIND_SERVICE]                | capabilities
            /spec/containers/0/securityContext/readOnlyRootFilesystem | false                       | readOnlyRootFilesystem
            /spec/containers/0/securityContext/readOnlyRootFilesystem |                             | readOnlyRootFilesystem
            /spec/containers/0/securityContext/procMount    | Unmasked                              | procMount
            /spec/containers/0/ports                        | [{containerPort: 80}]                 | ports
            /spec/containers/0/livenessProbe                | {exec: {command: [id]}}               | probes
            /spec/containers/0/readinessProbe               | {exec: {command: [id]}}               | probes
            /spec/containers/0/startupProbe                 | {exec: {command: [id]}}               | probes
            /spec/containers/0/lifecycle                    | {preStop: {exec: {command: [id]}}}    | lifecycle
            /spec/containers/0/terminationMessagePolicy     | FallbackToLogsOnError                 | terminationMessagePolicy
            /spec/containers/0/imagePullPolicy              | Never                                 | imagePullPolicy
            /metadata/annotations/k8s.v1.cni.cncf.io~1networks | other                              | network plugins
            /spec/containers/0/stdin                        | true                                  | stdin
            /spec/containers/0/tty                          | true                                  | tty
            /spec/containers/0/envFrom                      | [{secretRef: {name: api-key}}]        | environment
            /spec/containers/0/env/-                        | {name: LD_PRELOAD, value: x}          | environment
            /spec/containers/0/env/-                        | {name: CORRAL_X, valueFrom: {secretKeyRef: {name: api-key, key: token}}} | environment
            /spec/containers/0/resources/limits/memory      | 256Mi                                 | limits of memory
            /spec/containers/0/resources                    |                                       | limits of memory
            /spec/containers/0/resources/limits/ephemeral-storage |                                 | limits of memory
            /spec/resources                                 | {limits: {memory: 1Gi}}               | none for the pod
            /spec/volumes/-                                 | {name: x, hostPath: {path: /}}        | no volumes but
            /spec/volumes/-                                 | {name: x, secret: {secretName: api-key}} | no volumes but
            /spec/volumes/-                                 | {name: x, configMap: {name: x}}       | no volumes but
            /spec/volumes/-                                 | {name: x, persistentVolumeClaim: {claimName: x, readOnly: true}} | named claim-
            /spec/volumes/-                                 | {name: claim-0, persistentVolumeClaim: {claimName: x}} | named claim-…, readOnly
            /spec/volumes/-                                 | {name: claim-0, emptyDir: {sizeLimit: 1Mi}} | named claim-
            /spec/containers/0/volumeMounts/-               | {name: secret-0, mountPath: /files/x} | nothing else
            /spec/containers/0/volumeMounts/-               | {name: work, mountPath: /files/x, readOnly: true} | below /files those named claim-
            /spec/volumes/-                                 | {name: x, downwardAPI: {items: []}}   | no volumes but
            /spec/volumes/-                                 | {name: x, csi: {driver: x}}           | no volumes but
            /spec/volumes/-                                 | {name: x, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}} | no volumes but
            /spec/volumes/0/image/reference                 | images.example/other                  | images.launcher
            /spec/volumes/2/emptyDir                        | {}                                    | sizeLimit
            /spec/volumes/1/projected/sources/-             | {configMap: {name: x}}                | no sources but
            /spec/volumes/1/projected/sources/-             | {downwardAPI: {items: [{path: x, fieldRef: {fieldPath: metadata.name}}]}} | no sources but
            /spec/volumes/1/projected/sources/0/serviceAccountToken/audience |                      | audience
            /spec/volumes/1/projected/sources/0/serviceAccountToken/audience | https://kubernetes.default.svc | audience
            /spec/volumes/1/projected/sources/0/serviceAccountToken/expirationSeconds | 86400       | lives an hour
            /spec/volumes/3/projected/sources/0/secret/items |                                      | by its keys
            /spec/containers/0/volumeMounts/2/subPath       | a                                     | subPath
            /spec/containers/0/volumeMounts/2/subPathExpr   | $(CORRAL_CA)                          | subPathExpr
            /spec/containers/0/volumeMounts/2/mountPropagation | HostToContainer                    | mountPropagation
            /spec/containers/0/volumeMounts/2/mountPath     | /etc                                  | mounts /work
            /spec/containers/0/volumeMounts/3/readOnly      | false                                 | mounts /work
            /spec/containers/0/volumeMounts/1/mountPath     | /usr                                  | mounts /work
            """)
    void aWeakenedPodIsRefused(String pointer, String value, String said) {
        var pod = other();
        refuse(controller.create(PODS + DRY, HardenedPod.with(pod, pointer, value == null ? "" : value)), said);
    }

    /** The API server refuses these by itself where hostUsers is false, and takes true for absent. */
    @ParameterizedTest
    @ValueSource(strings = {"hostNetwork", "hostPID", "hostIPC"})
    void aPodInANamespaceOfTheNodeIsRefused(String field) {
        var pod = HardenedPod.with(other(), "/spec/hostUsers", "");
        refuse(controller.create(PODS + DRY, HardenedPod.with(pod, "/spec/" + field, "true")), field);
    }

    /** The API server refuses privileged by itself where allowPrivilegeEscalation is false. */
    @Test
    void aPrivilegedPodIsRefused() {
        var security = "/spec/containers/0/securityContext/";
        var pod = HardenedPod.with(other(), security + "allowPrivilegeEscalation", "");
        refuse(controller.create(PODS + DRY, HardenedPod.with(pod, security + "privileged", "true")), "privileged");
    }

    /** What an injector makes of our pod is refused, in words that say who it was and what to do. */
    @Test
    @Order(Integer.MAX_VALUE - 1)
    void aPodThatAnInjectorChangedIsRefusedAndExplained() {
        var policies = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies";
        accept(chart.admin().create(policies, parse("""
                metadata: {name: injector}
                spec:
                  failurePolicy: Fail
                  reinvocationPolicy: Never
                  matchConstraints:
                    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
                  mutations:
                    - patchType: JSONPatch
                      jsonPatch:
                        expression: >-
                          [JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{name: "istio-proxy", image: "x"}}]
                """)));
        accept(chart.admin().create(policies.replace("policies", "policybindings"), parse("""
                metadata: {name: injector}
                spec: {policyName: injector}
                """)));
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            var answer = controller.create(PODS + DRY, other());
            refuse(answer, "one container, named plugin; found plugin, istio-proxy");
            assertThat(PodRefusals.explain(answer.message()))
                    .startsWith("the pod was changed on its way")
                    .contains("container istio-proxy is that of Istio")
                    .contains("leave out pods with the label corral.dev/plugin-pod");
        });
        accept(chart.admin().send("DELETE", policies + "/injector", "application/json", ""));
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> accept(controller.create(PODS + DRY, other())));
    }

    @Test
    void theHardenedPodWithoutSecretsIsAcceptedToo() {
        var pod = other();
        ((ArrayNode) pod.at("/spec/volumes")).remove(3);
        ((ArrayNode) pod.at("/spec/containers/0/volumeMounts")).remove(3);
        accept(controller.create(PODS + DRY, pod));
        accept(controller.patch(PODS + "/pex-other" + DRY + "&fieldManager=corral", APPLY, pod.toString()));
    }

    /** Names on loopback are let in only as the launcher is told of them, and a low port only with them. */
    @Test
    void hostAliasesAreThoseTheLauncherAnswersFor() {
        var told =
                "{name: CORRAL_SANDBOX, value: '{\"proxy\":{\"port\":3128,\"tunnel\":8445,\"connect\":[],\"aliases\":"
                        + "[{\"address\":\"127.64.0.1\",\"name\":\"api.example.org\",\"ports\":[\"443\"]}]}}'}";
        var sysctl = "[{name: net.ipv4.ip_unprivileged_port_start, value: '443'}]";
        var bare = HardenedPod.with(other(), "/spec/containers/0/env/-", told);
        refuse(
                controller.create(PODS + DRY, HardenedPod.with(bare, "/spec/securityContext/sysctls", sysctl)),
                "sysctls");
        var pod = HardenedPod.with(bare, "/spec/hostAliases", "[{ip: 127.64.0.1, hostnames: [api.example.org]}]");
        accept(controller.create(PODS + DRY, pod));
        pod = HardenedPod.with(pod, "/spec/securityContext/sysctls", sysctl);
        accept(controller.create(PODS + DRY, pod));
        for (var aliases : List.of(
                "[{ip: 127.64.0.1, hostnames: [evil.example.org]}]",
                "[{ip: 127.64.0.2, hostnames: [api.example.org]}]",
                "[{ip: 127.0.0.1, hostnames: [api.example.org]}]",
                "[{ip: 127.64.0.1, hostnames: [api.example.org, localhost]}]",
                "[{ip: 127.64.0.1, hostnames: [api.example.org]}, {ip: 203.0.113.10, hostnames: [api.example.org]}]")) {
            refuse(
                    controller.create(PODS + DRY, HardenedPod.with(pod, "/spec/hostAliases", aliases)),
                    "no hostAliases but");
        }
        for (var other : List.of(
                "[{name: net.ipv4.ip_unprivileged_port_start, value: '0'}]",
                "[{name: net.ipv4.ip_local_port_range, value: '1024 65535'}]",
                "[{name: net.ipv4.ip_unprivileged_port_start, value: '443'}, {name: net.ipv4.ping_group_range, value: '0 65535'}]")) {
            refuse(
                    controller.create(PODS + DRY, HardenedPod.with(pod, "/spec/securityContext/sysctls", other)),
                    "sysctls");
        }
    }

    /** A pod that waits has the shape of any other; it says whose it is, and belongs to no run. */
    @Test
    void aPodOfAPoolNamesItsPoolAndNoExecution() {
        var owner = "{apiVersion: corral.dev/v1alpha1, kind: PluginPool, name: checks, uid: x, controller: true}";
        var pod = HardenedPod.with(other(), "/metadata/ownerReferences/0", owner);
        pod = HardenedPod.with(pod, "/metadata/annotations", "{corral.dev/pool: checks}");
        accept(controller.create(PODS + DRY, pod));
        refuse(
                controller.create(PODS + DRY, HardenedPod.with(pod, "/metadata/annotations", "{corral.dev/pool: x}")),
                "names it in the annotation");
        refuse(
                controller.create(
                        PODS + DRY, HardenedPod.with(pod, "/metadata/annotations/corral.dev~1execution", "check")),
                "and no execution");
        refuse(controller.create(PODS + DRY, HardenedPod.with(pod, "/spec/hostUsers", "true")), "hostUsers false");
        refuse(chart.tenant().create(PODS + DRY, pod), "");
    }

    /** The renderer and the guard say the same: what the stories' golden files hold is let in. */
    @Test
    void whateverIsRenderedIsAccepted() throws IOException {
        var pods = 0;
        for (var action : renderedByStories()) {
            if (action.has("createPod")) {
                var launcher = action.findValue("reference").asText();
                accept(controller.create(
                        PODS + DRY, parse(action.get("createPod").toString().replace(launcher, Chart.LAUNCHER))));
                pods++;
            } else if (action.has("applyNetworkPolicy")) {
                var policy = action.get("applyNetworkPolicy");
                var path =
                        POLICIES + "/" + policy.at("/metadata/name").asText() + DRY + "&force=true&fieldManager=corral";
                accept(controller.patch(path, APPLY, policy.toString()));
            }
        }
        assertThat(pods).isPositive();
    }

    static List<JsonNode> renderedByStories() throws IOException {
        var stories = Path.of(System.getProperty("basedir", ""), "src/test/resources/stories");
        try (var files = Files.walk(stories)) {
            return files.filter(file -> file.endsWith("decision.yaml"))
                    .map(file -> parse(Chart.read(file)))
                    .flatMap(decision ->
                            StreamSupport.stream(decision.path("lay").spliterator(), false))
                    .toList();
        }
    }

    /** Last, because it changes the installed guard. */
    @Test
    @Order(Integer.MAX_VALUE)
    void anInitContainerMayCopyTheLauncherWhereThatIsTheDelivery() {
        var pod = copying(other());
        accept(controller.create(PODS + DRY, pod)); // launcher.delivery is Auto: the controller chooses
        var init = "/spec/initContainers/0";
        refuse(
                controller.create(PODS + DRY, HardenedPod.with(pod, init + "/image", "images.example/x")),
                "images.launcher");
        refuse(controller.create(PODS + DRY, HardenedPod.with(pod, init + "/name", "x")), "found x");
        refuse(
                controller.create(PODS + DRY, HardenedPod.with(pod, init + "/restartPolicy", "Always")),
                "restartPolicy");
        refuse(controller.create(PODS + DRY, HardenedPod.with(pod, init + "/securityContext", "")), "allowPrivilege");
        refuse(
                controller.create(PODS + DRY, HardenedPod.with(pod, init + "/env", "[{name: PATH, value: /}]")),
                "environment");
        for (var command : new String[] {"[/bin/sh]", "[/corral, install, /work/corral]", "[/corral, launch]"}) {
            refuse(controller.create(PODS + DRY, HardenedPod.with(pod, init + "/command", command)), "copy itself");
        }
        refuse(controller.create(PODS + DRY, HardenedPod.with(pod, init + "/args", "[--x]")), "copy itself");
        refuse(
                controller.create(
                        PODS + DRY, HardenedPod.with(pod, init + "/volumeMounts/-", "{name: work, mountPath: /work}")),
                "and nothing else");
        refuse(
                controller.create(PODS + DRY, HardenedPod.with(pod, init + "/volumeMounts/0/name", "work")),
                "and nothing else");
        refuse(
                controller.create(
                        PODS + DRY,
                        HardenedPod.with(
                                pod,
                                "/spec/volumes/0",
                                "{name: launcher, emptyDir: {sizeLimit: 32Mi, medium: Memory}}")),
                "the volume launcher");

        chart.makeAccounts(Chart.NAMESPACE);
        chart.upgrade(Map.of("launcher.delivery", "ImageVolume"));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> refuse(controller.create(PODS + DRY, pod), "delivery is ImageVolume"));
        accept(controller.create(OWN_PODS + DRY, probe(pod)));
        refuse(controller.create(PODS + DRY, probe(pod)), "one owner");
        chart.upgrade(Map.of("launcher.delivery", "InitCopy"));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> refuse(controller.create(PODS + DRY, other()), "delivery is InitCopy"));
        accept(controller.create(PODS + DRY, pod));
        accept(controller.create(OWN_PODS + DRY, probe(other())));
    }

    /** What the controller learns from whether a delivery works, in its own namespace only. */
    private static ObjectNode probe(ObjectNode pod) {
        return HardenedPod.with(pod, "/metadata/ownerReferences/0/kind", "CorralCluster");
    }

    /** The pod whose launcher is copied. */
    static ObjectNode copying(ObjectNode pod) {
        var copying = HardenedPod.with(pod, "/spec/volumes/0", "{name: launcher, emptyDir: {sizeLimit: 32Mi}}");
        return HardenedPod.with(copying, "/spec/initContainers", """
                - name: launcher
                  image: %s
                  command: [/corral, install, /.corral/bin/corral]
                  resources:
                    requests: {cpu: 50m, memory: 32Mi, ephemeral-storage: 32Mi}
                    limits: {cpu: 50m, memory: 32Mi, ephemeral-storage: 32Mi}
                  securityContext:
                    allowPrivilegeEscalation: false
                    capabilities: {drop: [ALL]}
                    readOnlyRootFilesystem: true
                  volumeMounts: [{name: launcher, mountPath: /.corral/bin}]
                """.formatted(Chart.LAUNCHER));
    }

    private ObjectNode other() {
        return HardenedPod.with(hardened, "/metadata/name", "pex-other");
    }
}
