package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.cluster.Clients;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.faults.Ranch.Run;
import dev.corral.operator.faults.SimulatedLauncher.Step;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.status.Kstatus;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody dies here: caches lag, people delete and forbid, strangers squat on names, and objects fit no schema. */
class HostileWorldIT extends OnRanch {
    @AfterEach
    void calm() {
        ranch.node.before((pod, step) -> {});
        ranch.controller().proxy().release();
    }

    // ---- caches that lag

    /** The controller's own writes are news to it too: what it claims on an old version is refused, and it looks again. */
    @ParameterizedTest
    @ValueSource(strings = {"/pluginexecutions", "/pods", "/networkpolicies", "/serviceaccounts"})
    void aCacheThatLagsDelaysARunAndChangesNothing(String kind) {
        var namespace = ranch.cluster.newNamespace();
        ranch.controller().proxy().hold(path -> path.contains(kind) && path.contains("watch=true"));
        var released = new AtomicInteger();
        ranch.node.before((pod, step) -> {
            if (step == Step.ASSIGNMENT && released.getAndIncrement() == 0) {
                ranch.controller().proxy().release();
            }
        });
        var run = ranch.start(namespace);
        if (kind.equals("/pluginexecutions")) {
            ranch.controller().proxy().release();
            soon("the pod").until(() -> !ranch.pods(run).isEmpty());
            ranch.controller().proxy().hold(path -> path.contains(kind) && path.contains("watch=true"));
        }
        ranch.endsWell(run);
    }

    // ---- deletion

    @ParameterizedTest
    @EnumSource(Step.class)
    void anExecutionDeletedInTheMiddleLeavesNothing(Step when) {
        var namespace = ranch.cluster.newNamespace();
        var deleted = new AtomicInteger();
        ranch.node.before((pod, step) -> {
            if (step == when && namespace.equals(pod.getMetadata().getNamespace())) {
                ranch.delete(run(pod));
                deleted.incrementAndGet();
            }
        });
        var run = ranch.start(namespace);
        soon("the deletion").until(() -> deleted.get() > 0);
        ranch.isGone(run);
        assertThat(deleted).hasValue(1);
        // ready pods are claimed at once: by the time a launcher asks for work the claim may be older than the deletion
        var starts = ranch.node.starts(run.uid());
        switch (when) {
            case SESSION, READY -> assertThat(starts).isZero();
            case ASSIGNMENT -> assertThat(starts).isLessThanOrEqualTo(1);
            case STARTED, EVENTS, ARTIFACT, REPORT, SEALED -> assertThat(starts).isEqualTo(1);
        }
    }

    @Test
    void anExecutionDeletedAtOnceLeavesNothing() {
        var namespace = ranch.cluster.newNamespace();
        var run = ranch.start(namespace);
        ranch.delete(run);
        ranch.isGone(run);
        ranch.endsWell(ranch.start(namespace));
        ranch.isGone(run);
    }

    @Test
    void anExecutionDeletedAfterItsEndLeavesNothing() {
        var run = ranch.start(ranch.cluster.newNamespace());
        ranch.endsWell(run);
        ranch.delete(run);
        ranch.isGone(run);
    }

    /** Flux, Helm and kubectl wait for a status about the spec as it is; of the end nothing may be lost to say so. */
    @Test
    void anExecutionEditedAfterItsEndEndedAsItDid() {
        var run = ranch.start(ranch.cluster.newNamespace());
        ranch.endsWell(run);
        var end = ranch.history.latest(run.uid()).orElseThrow().getStatus();

        ranch.cluster
                .admin()
                .resources(PluginExecution.class)
                .inNamespace(run.namespace())
                .withName(run.name())
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"ttl\": {\"execution\": \"1h\"}}}");

        soon("a status about it")
                .until(() -> ranch.history
                        .latest(run.uid())
                        .filter(seen -> seen.getMetadata().getGeneration() == 2
                                && "Current".equals(Kstatus.of(seen))
                                && seen.getStatus().conditions().stream()
                                        .allMatch(condition -> Long.valueOf(2).equals(condition.observedGeneration())))
                        .isPresent());
        var edited = ranch.history.latest(run.uid()).orElseThrow().getStatus();
        assertThat(edited.report()).isNotNull().isEqualTo(end.report());
        assertThat(edited.result()).isNotNull().isEqualTo(end.result());
        assertThat(edited.artifacts()).isNotEmpty().isEqualTo(end.artifacts());
        assertThat(edited.completionTime()).isEqualTo(end.completionTime());
        ranch.history.isStraight(run.uid());
    }

    // ---- policy

    @Test
    void aPolicyTightenedBeforeTheClaimDenies() {
        var namespace = ranch.cluster.newNamespace();
        withPolicy("policy-tight.yaml", namespace, run -> ranch.endsUnrun(run, "False Denied"));
    }

    @Test
    void aPolicyNarrowedBeforeTheClaimMakesAnotherPod() {
        var namespace = ranch.cluster.newNamespace();
        withPolicy("policy-narrow.yaml", namespace, ranch::endsWell);
    }

    /** Changes the policy when the first pod stands before its proof, and holds that launcher until the pod is gone. */
    private void withPolicy(String file, String namespace, Consumer<Run> then) {
        var policies = ranch.cluster.admin().resources(ClusterPluginPolicy.class);
        var first = new AtomicInteger();
        ranch.node.before((pod, step) -> {
            if (step == Step.READY && first.getAndIncrement() == 0) {
                policies.resource(Installed.read(file, ClusterPluginPolicy.class))
                        .forceConflicts()
                        .serverSideApply();
                soon("the end of the old pod").until(() -> {
                    var now = ranch.cluster
                            .admin()
                            .pods()
                            .inNamespace(namespace)
                            .withName(pod.getMetadata().getName())
                            .get();
                    return now == null
                            || !now.getMetadata()
                                    .getUid()
                                    .equals(pod.getMetadata().getUid());
                });
            }
        });
        try {
            then.accept(ranch.start(namespace));
            assertThat(first.get()).isPositive();
        } finally {
            policies.resource(Installed.read("policy.yaml", ClusterPluginPolicy.class))
                    .forceConflicts()
                    .serverSideApply();
        }
    }

    /** What a policy took back while nobody looked is the first thing the next controller sees to. */
    @Test
    void aPolicyTightenedWhileTheControllerIsAwayStopsTheRun() {
        var namespace = ranch.cluster.newNamespace();
        var policies = ranch.cluster.admin().resources(ClusterPluginPolicy.class);
        var ordered = new AtomicInteger();
        ranch.node.before((pod, step) -> {
            if (step == Step.ARTIFACT && namespace.equals(pod.getMetadata().getNamespace())) {
                ranch.controller().close();
                policies.resource(Installed.read("policy-tight.yaml", ClusterPluginPolicy.class))
                        .forceConflicts()
                        .serverSideApply();
                ranch.restartController();
                soon("the order to stop")
                        .until(() -> "Stopping"
                                .equals(executions(run(pod)).get().getStatus().state()));
                ordered.incrementAndGet();
            }
        });
        try {
            var run = ranch.start(namespace);
            soon("the end").until(() -> ranch.history.ended(run.uid()));
            assertThat(ordered).hasValue(1);
            var end = ranch.history.latest(run.uid()).orElseThrow();
            assertThat(History.outcome(end)).contains("False PolicyRevoked");
            assertThat(end.getStatus().result()).isNull();
            assertThat(end.getStatus().artifacts()).singleElement().satisfies(artifact -> {
                assertThat(artifact.state()).isEqualTo("Quarantined");
                assertThat(artifact.uri()).isNull();
                assertThat(artifact.sha256()).isNotBlank();
            });
        } finally {
            policies.resource(Installed.read("policy.yaml", ClusterPluginPolicy.class))
                    .forceConflicts()
                    .serverSideApply();
        }
    }

    // ---- strangers

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aForeignPodOfOurNameIsLeftAlone(boolean withOurLabel) {
        var namespace = ranch.cluster.newNamespace();
        var run = ranch.start(namespace, "suspended.yaml");
        var execution = executions(run).get();
        var theirs = ranch.cluster
                .planter()
                .resource(foreignPod(namespace, ObjectNames.pod(RunState.run(execution)), withOurLabel))
                .create();
        executions(run).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"suspend\": false}}");
        soon("the end").until(() -> ranch.history.ended(run.uid()));
        assertThat(ranch.history.latest(run.uid()).flatMap(History::outcome)).contains("False NameConflict");
        var now = ranch.cluster.admin().resource(theirs).get();
        assertThat(now.getMetadata().getResourceVersion())
                .as("not so much as touched")
                .isEqualTo(theirs.getMetadata().getResourceVersion());
    }

    /** Before the first install, or between two of them, anybody may write what passes for ours. */
    @Test
    void networkPoliciesWrittenBeforeTheGuardsAreReplacedOrDeleted() {
        var usual = ranch.cluster.newNamespace();
        ranch.endsWell(ranch.start(usual));
        var namespace = ranch.cluster.newNamespace();
        ranch.controller().close();
        for (var ours : policies(usual)) {
            plant(namespace, ours.getMetadata().getName(), ours);
        }
        plant(
                namespace,
                "allow-all", // all pods, also those that no label of ours marks
                new NetworkPolicyBuilder(policies(usual).getFirst())
                        .editSpec()
                        .withPodSelector(new LabelSelector())
                        .endSpec()
                        .build());
        // held back until somebody lets go of them beside a run
        policies(namespace).stream()
                .filter(policy -> !policy.getMetadata().getName().startsWith("corral-class-"))
                .forEach(policy -> ranch.cluster.planter().resource(policy).delete());
        assertThat(policies(namespace)).hasSize(3);
        ranch.restartController();

        ranch.endsWell(ranch.start(namespace));

        assertThat(policies(namespace))
                .extracting(LaidPolicy::of)
                .containsExactlyInAnyOrderElementsOf(
                        policies(usual).stream().map(LaidPolicy::of).toList());
    }

    /** Whoever may write webhooks, or policies that mutate, may change what Corral lays down. Nothing starts behind it. */
    @Test
    void behindANetworkPolicyThatIsChangedOnItsWayNothingStarts() {
        var admin = ranch.cluster.admin();
        var namespace = ranch.cluster.newNamespace();
        admin.namespaces()
                .withName(namespace)
                .edit(found -> new NamespaceBuilder(found)
                        .editMetadata()
                        .addToLabels("opens", "networks")
                        .endMetadata()
                        .build());
        var changing = Stream.of("mutating-policy.yaml", "mutating-policy-binding.yaml")
                .map(file -> admin.resource(Installed.read(file, GenericKubernetesResource.class))
                        .create())
                .toList();
        soon("the policy that mutates")
                .until(() -> ranch.cluster
                        .planter()
                        .resource(new NetworkPolicyBuilder()
                                .withNewMetadata()
                                .withName("of-somebody")
                                .withNamespace(namespace)
                                .endMetadata()
                                .withNewSpec()
                                .withNewPodSelector()
                                .addToMatchLabels("app", "web")
                                .endPodSelector()
                                .endSpec()
                                .build())
                        .dryRun()
                        .create()
                        .getSpec()
                        .getEgress()
                        .equals(List.of(new NetworkPolicyEgressRule())));

        var run = ranch.start(namespace);
        soon("why it waits")
                .until(() -> ranch.history
                        .latest(run.uid())
                        .map(PluginExecution::getStatus)
                        .filter(status -> Optional.ofNullable(status.conditions()).orElse(List.of()).stream()
                                .anyMatch(condition -> condition.message().contains("was changed on its way")))
                        .isPresent());
        assertThat(ranch.pods(run)).isEmpty();

        changing.forEach(object -> admin.resource(object).delete());
        ranch.endsWell(run);
    }

    /** Nor is a pod ours by its marks: what runs in it was somebody else's choice, and so is what it says of its sandbox. */
    @Test
    void aPodMadeBeforeTheGuardsIsNeverClaimed() {
        var namespace = ranch.cluster.newNamespace();
        var usual = ranch.start(namespace);
        ranch.endsWell(usual);
        var run = ranch.start(namespace, "suspended.yaml");
        ranch.controller().close();
        var planted = new ArrayList<Pod>();
        ranch.cluster.withoutGuardOfPods(() -> planted.add(ranch.cluster
                .planter()
                .resource(like(ranch.pods(usual).getFirst(), executions(run).get()))
                .create()));
        soon("its proof")
                .until(() -> PodReader.launcher(ranch.cluster
                                .admin()
                                .resource(planted.getFirst())
                                .get())
                        .isPresent());
        executions(run).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"suspend\": false}}");

        ranch.restartController();

        ranch.endsWell(run);
        assertThat(executions(run).get().getStatus().attempt().podUID())
                .isNotEqualTo(planted.getFirst().getMetadata().getUid());
    }

    /** All that is written on the pod, for another run and around another program. */
    private static Pod like(Pod ours, PluginExecution execution) {
        var run = RunState.run(execution);
        return new PodBuilder()
                .withNewMetadata()
                .withName(ObjectNames.pod(run))
                .withNamespace(run.namespace())
                .withLabels(ours.getMetadata().getLabels())
                .withAnnotations(ours.getMetadata().getAnnotations())
                .addToAnnotations(OwnedLabels.ofRun(run))
                .withOwnerReferences(OwnedLabels.owner("PluginExecution", run.name(), run.uid()))
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(ours.getSpec().getServiceAccountName())
                .withContainers(new ContainerBuilder()
                        .withName("theirs")
                        .withImage("images.example/theirs")
                        .withEnv(ours.getSpec().getContainers().getFirst().getEnv())
                        .build())
                .endSpec()
                .build();
    }

    /** The policy, opened, with an owner that takes it along and somebody who holds it back. */
    private void plant(String namespace, String name, NetworkPolicy like) {
        var owner = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .build();
        ranch.cluster
                .planter()
                .resource(new NetworkPolicyBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withLabels(like.getMetadata().getLabels())
                        .withFinalizers("example.org/held")
                        .addNewOwnerReference()
                        .withApiVersion("v1")
                        .withKind("ConfigMap")
                        .withName(name)
                        .withUid(ranch.cluster
                                .admin()
                                .resource(owner)
                                .create()
                                .getMetadata()
                                .getUid())
                        .endOwnerReference()
                        .endMetadata()
                        .withSpec(like.getSpec())
                        .editSpec()
                        .withPolicyTypes("Ingress", "Egress")
                        .withIngress(new NetworkPolicyIngressRule())
                        .withEgress(new NetworkPolicyEgressRule())
                        .endSpec()
                        .build())
                .create();
    }

    /** However it was done: what a run could reach meanwhile nobody granted. */
    @ParameterizedTest
    @ValueSource(strings = {"edited", "deleted"})
    void aNetworkPolicyOfOursOpenedBesideARunStopsIt(String how) {
        var run = beside(laid -> {
            var planter = ranch.cluster.planter();
            if (how.equals("edited")) {
                planter.resource(named(laid, "corral-class-"))
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"egress\": [{}]}}");
            } else {
                planter.resource(named(laid, ObjectNames.DEFAULT_DENY)).delete();
            }
        });
        soon("the end").until(() -> ranch.history.ended(run.uid()));
        var end = ranch.history.latest(run.uid()).orElseThrow();
        assertThat(History.outcome(end)).contains("False NetworkWidened");
        assertThat(end.getStatus().artifacts())
                .singleElement()
                .satisfies(artifact -> assertThat(artifact.state()).isEqualTo("Quarantined"));
    }

    /** It is another object then, of the first generation; what lay there in between may be gone before anybody saw it. */
    @Test
    void aNetworkPolicyOfOursMadeAnewBesideARunIsWrittenAnew() {
        var run = beside(laid -> {
            var allow = named(laid, "corral-class-");
            ranch.cluster.planter().resource(allow).delete();
            ranch.cluster
                    .planter()
                    .resource(new NetworkPolicyBuilder()
                            .withNewMetadata()
                            .withNamespace(allow.getMetadata().getNamespace())
                            .withName(allow.getMetadata().getName())
                            .withLabels(allow.getMetadata().getLabels())
                            .endMetadata()
                            .withSpec(allow.getSpec())
                            .editSpec()
                            .withEgress(new NetworkPolicyEgressRule())
                            .endSpec()
                            .build())
                    .forceConflicts()
                    .serverSideApply();
        });
        soon("the end").until(() -> ranch.history.ended(run.uid()));
    }

    /** Without the policy of its class a pod is shut, and an owner opens nothing. */
    @Test
    void aNetworkPolicyOfOursTakenFromARunIsLaidAnewAndSaidSo() {
        var run = beside(laid -> {
            var planter = ranch.cluster.planter();
            planter.resource(named(laid, "corral-class-")).delete();
            planter.resource(named(laid, ObjectNames.DEFAULT_DENY))
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\": {\"labels\": {\"corral.dev/network-class\": \"theirs\"}}}");
        });
        ranch.endsWell(run);
        var events = ranch.cluster.admin().events().v1().events().inNamespace(run.namespace());
        soon("the news of it")
                .until(() -> events.list().getItems().stream()
                        .anyMatch(event -> "NetworkPolicyCorrected".equals(event.getReason())));
    }

    private static NetworkPolicy named(List<NetworkPolicy> policies, String name) {
        return policies.stream()
                .filter(policy -> policy.getMetadata().getName().startsWith(name))
                .findFirst()
                .orElseThrow();
    }

    /** A run beside which something happens to its network policies, until they are as they were. */
    private Run beside(Consumer<List<NetworkPolicy>> event) {
        var namespace = ranch.cluster.newNamespace();
        var happened = new AtomicInteger();
        ranch.node.before((pod, step) -> {
            if (step == Step.ARTIFACT
                    && namespace.equals(pod.getMetadata().getNamespace())
                    && happened.getAndIncrement() == 0) {
                var laid = policies(namespace);
                assertThat(laid).hasSize(2);
                event.accept(laid);
                soon("the policies as they were")
                        .until(() -> said(policies(namespace)).equals(said(laid)));
            }
        });
        var run = ranch.start(namespace);
        soon("it").until(() -> happened.get() > 0 && said(policies(namespace)).size() == 2);
        return run;
    }

    private static List<LaidPolicy> said(List<NetworkPolicy> policies) {
        return policies.stream().map(LaidPolicy::of).toList();
    }

    private List<NetworkPolicy> policies(String namespace) {
        return ranch.cluster
                .admin()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private static Pod foreignPod(String namespace, String name, boolean withOurLabel) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .addToLabels(withOurLabel ? "corral.dev/plugin-pod" : "app", "true")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("theirs")
                .withImage("images.example/theirs")
                .endContainer()
                .endSpec()
                .build();
    }

    /** Pods may be large, accounts and Events anybody's: of each as few as there need be, a page at a time. */
    @Test
    void whatOthersMayMakeIsListedInPagesAndByWhatIsOurs() {
        var proxy = ranch.cluster.proxy(Installed.CONTROLLER);
        var asked = new CopyOnWriteArrayList<String>();
        proxy.weather()
                .answer(
                        request -> {
                            asked.add(URLDecoder.decode(request.path(), StandardCharsets.UTF_8));
                            return false;
                        },
                        Weather.NONE);
        var controller = ranch.anotherController(proxy);
        // Watches begin after their lists, and in no order among themselves.
        for (var kind : List.of("pods", "serviceaccounts", "events")) {
            var watch = "/api/v1/" + kind + "[?].*watch=true.*";
            soon("a watch of " + kind).until(() -> asked.stream().anyMatch(path -> path.matches(watch)));
        }
        controller.close();
        var lists = asked.stream()
                .filter(path -> path.matches("/api/v1/(namespaces/[^/]+/)?(pods|serviceaccounts|events)[?].*"))
                .filter(path -> !path.contains("watch=true"))
                .toList();
        assertThat(lists).allMatch(path -> path.contains("limit=25"));
        assertThat(lists)
                .anyMatch(path -> path.startsWith("/api/v1/pods?"))
                .anyMatch(path -> path.startsWith("/api/v1/serviceaccounts?"))
                .anyMatch(path -> path.startsWith("/api/v1/events?"));
        assertThat(lists)
                .filteredOn(path -> path.contains("/pods?"))
                .allMatch(path -> path.contains("labelSelector=corral.dev/plugin-pod=true"));
        assertThat(lists)
                .filteredOn(path -> path.contains("/serviceaccounts?"))
                .allMatch(path -> path.contains("fieldSelector=metadata.name=corral-plugin"));
    }

    /** A controller that starts lists what kubelets said before; it believes nothing of a pod that is none, or is another. */
    @Test
    void whyAPodHasNoVolumesIsKnownAfterARestart() {
        var namespace = ranch.cluster.newNamespace();
        ranch.node.mountsNothingIn(namespace);
        try {
            var run = ranch.start(namespace);
            soon("its pod").until(() -> !ranch.pods(run).isEmpty());
            var pod = ranch.pods(run).getFirst();
            says(pod, pod.getMetadata().getUid(), "2026-11-23T07:00:00Z", "no room for it");
            says(pod, "of-another", "2026-11-23T07:00:05Z", "forged");
            var proxy = ranch.cluster.proxy(Installed.CONTROLLER);
            var watched = new CountDownLatch(1);
            proxy.weather().answer(request -> lateAreThePods(request.path(), watched), Weather.NONE);
            ranch.restartController(proxy, Duration.ofSeconds(2));
            ranch.endsUnrun(run, "False StartTimedOut");
            assertThat(ranch.history.latest(run.uid()).orElseThrow().getStatus().conditions())
                    .anyMatch(condition -> condition.message().contains("no room for it; gave up"));
        } finally {
            ranch.node.mountsNothingIn("");
            ranch.restartController();
        }
    }

    /** The list of pods comes when Events are watched already, if they are not watched after it. */
    private static boolean lateAreThePods(String path, CountDownLatch watched) {
        try {
            if (path.startsWith("/api/v1/events?") && path.contains("watch=true")) {
                watched.countDown();
            } else if (path.startsWith("/api/v1/pods?") && !path.contains("watch=true")) {
                watched.await(500, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private void says(Pod pod, String uid, String at, String words) {
        ranch.cluster
                .admin()
                .resource(new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(pod.getMetadata().getNamespace())
                        .withName("mount-" + uid)
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withKind("Pod")
                        .withNamespace(pod.getMetadata().getNamespace())
                        .withName(pod.getMetadata().getName())
                        .withUid(uid)
                        .endInvolvedObject()
                        .withReason("FailedMount")
                        .withLastTimestamp(at)
                        .withMessage("MountVolume.SetUp failed for volume \"work\" : " + words)
                        .build())
                .create();
    }

    // ---- objects that fit no schema

    @Test
    void anUnreadableExecutionHurtsNobodyElse() {
        var namespace = ranch.cluster.newNamespace();
        var before = ranch.start(namespace);
        var definitions =
                ranch.cluster.admin().resources(CustomResourceDefinition.class).withName("pluginexecutions.corral.dev");
        var strict = definitions.get();
        definitions.edit(HostileWorldIT::relaxed);
        soon("the relaxed definition").ignoreExceptions().until(() -> {
            ranch.cluster
                    .planter()
                    .resource(Installed.read("unreadable.yaml", GenericKubernetesResource.class))
                    .inNamespace(namespace)
                    .create();
            return true;
        });
        definitions.edit(found -> {
            found.setSpec(strict.getSpec());
            return found;
        });
        ranch.endsWell(before);
        ranch.endsWell(ranch.start(namespace));
        ranch.restartController();
        ranch.restartGateway();
        ranch.endsWell(ranch.start(namespace));
    }

    // ---- objects that leave no room

    /**
     * etcd takes 1.5 MiB of an object, and whoever makes one may fill it to the last byte. What has room for an end only has that; what has
     * none is not made to run, and holds no place that others wait for.
     */
    @Test
    void anExecutionWithoutRoomForItsStatusHoldsNobodyUp() {
        var oneAtATime = ranch.cluster
                .admin()
                .resource(Installed.read("policy-one-at-a-time.yaml", ClusterPluginPolicy.class))
                .create();
        var namespace = ranch.cluster.newNamespace();
        var padding = new AtomicInteger(100_000);
        var full = crowded(namespace, padding);
        soon("its pod").until(() -> !ranch.pods(full).isEmpty());
        var other = ranch.start(ranch.cluster.newNamespace());
        await("its place") // the client tries each of two writes for 20 seconds
                .atMost(Duration.ofMinutes(2))
                .until(() -> ranch.history.ended(other.uid()));
        ranch.endsWell(other);
        assertThat(event(full, "malformed")).isTrue();
        assertThat(ranch.history.latest(full.uid()))
                .hasValueSatisfying(last -> assertThat(last.getStatus()).isNull());
        assertThat(ranch.node.starts(full.uid())).isZero();
        ranch.isGone(full);

        padding.addAndGet(-(23 << 8)); // enough for a claim, and not for a report as well
        var tight = crowded(namespace, padding);
        await("its end").atMost(Duration.ofMinutes(2)).until(() -> ranch.history.ended(tight.uid()));
        assertThat(ranch.history.latest(tight.uid()).flatMap(History::outcome)).contains("False Malformed");
        ranch.history.isStraight(tight.uid());
        ranch.delete(full);
        ranch.cluster.admin().resource(oneAtATime).delete();
    }

    /** The largest that the API server takes, from this padding downwards. */
    private Run crowded(String namespace, AtomicInteger padding) {
        var config = new ConfigBuilder(ranch.cluster.admin().getConfiguration())
                .withRequestRetryBackoffLimit(0)
                .build();
        try (var client = Clients.with(config)) {
            while (true) {
                var execution = Installed.read("execution.yaml", PluginExecution.class);
                execution.getMetadata().setAnnotations(Map.of("padding", "x".repeat(padding.get())));
                var input = (ObjectNode) execution.getSpec().input();
                IntStream.range(0, 15).forEach(i -> input.put("p" + i, "<".repeat(16 << 10))); // six bytes each in etcd
                try {
                    var made = client.resource(execution)
                            .inNamespace(namespace)
                            .create()
                            .getMetadata();
                    return new Run(namespace, made.getName(), made.getUid());
                } catch (KubernetesClientException refused) {
                    assertThat(refused).hasMessageContaining("too large");
                    padding.addAndGet(-256);
                }
            }
        }
    }

    private boolean event(Run run, String reason) {
        return ranch.cluster
                        .admin()
                        .events()
                        .v1()
                        .events()
                        .inNamespace(run.namespace())
                        .withName("corral-" + run.uid() + "-" + reason)
                        .get()
                != null;
    }

    private static CustomResourceDefinition relaxed(CustomResourceDefinition definition) {
        definition.getSpec().getVersions().forEach(version -> {
            var schema = version.getSchema().getOpenAPIV3Schema();
            schema.getProperties()
                    .put(
                            "spec",
                            new JSONSchemaPropsBuilder()
                                    .withType("object")
                                    .withXKubernetesPreserveUnknownFields(true)
                                    .build());
        });
        return definition;
    }

    private Resource<PluginExecution> executions(Run run) {
        return ranch.cluster
                .admin()
                .resources(PluginExecution.class)
                .inNamespace(run.namespace())
                .withName(run.name());
    }

    private static Run run(Pod pod) {
        var owner = pod.getMetadata().getOwnerReferences().getFirst();
        return new Run(pod.getMetadata().getNamespace(), owner.getName(), owner.getUid());
    }
}
