package dev.corral.operator.faults;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.faults.SimulatedLauncher.Step;
import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * Scheduler, kubelet and launcher of all plugin pods. A pod whose owner is gone is collected, as the garbage collector would; a pod
 * that is deleted dies at once.
 */
final class SimulatedNode implements AutoCloseable {
    private final KubernetesClient admin;
    private final KubernetesClient kubelet;
    private final int gatewayPort;
    private final Vertx vertx = Vertx.vertx();
    private final Map<String, Thread> running = new ConcurrentHashMap<>();
    private final Set<String> gone = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> starts = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Pod> pods;
    private final SharedIndexInformer<PluginExecution> owners;
    private volatile boolean longRuns;
    private volatile String unmounted = "";
    private volatile BiConsumer<Pod, Step> hook = (pod, step) -> {};

    SimulatedNode(Installed cluster, int gatewayPort) {
        this.admin = cluster.admin();
        this.kubelet = cluster.kubelet();
        this.gatewayPort = gatewayPort;
        this.pods = admin.pods()
                .inAnyNamespace()
                .withLabel("corral.dev/plugin-pod", "true")
                .inform(new Kubelet());
        this.owners = admin.resources(PluginExecution.class).inAnyNamespace().inform(new Collector());
    }

    /** How often plugin code was started for the execution of that uid. */
    int starts(String executionUid) {
        return starts.getOrDefault(executionUid, 0);
    }

    /** Called by every launcher before each step; what it throws ends the launcher. */
    void before(BiConsumer<Pod, Step> hook) {
        this.hook = hook;
    }

    /** From now on handlers live long enough for their launchers to tell of the start. */
    void longRuns(boolean wanted) {
        longRuns = wanted;
    }

    /** From now on pods of this namespace are given a node and no container: their volumes are missing. */
    void mountsNothingIn(String namespace) {
        unmounted = namespace;
    }

    @Override
    public void close() {
        pods.close();
        owners.close();
        running.values().forEach(Thread::interrupt);
        vertx.close();
    }

    private final class Kubelet implements ResourceEventHandler<Pod> {
        @Override
        public void onAdd(Pod pod) {
            if (isOrphan(pod)) {
                admin.resource(pod).delete();
                return;
            }
            if (pod.getMetadata().getOwnerReferences().isEmpty()) {
                return; // a stranger's
            }
            running.computeIfAbsent(
                    pod.getMetadata().getUid(), uid -> Thread.ofVirtual().start(() -> live(pod)));
        }

        @Override
        public void onUpdate(Pod before, Pod now) {
            if (now.getMetadata().getDeletionTimestamp() != null) {
                kill(now);
                Thread.ofVirtual().start(() -> remove(now));
            }
        }

        @Override
        public void onDelete(Pod pod, boolean unknown) {
            kill(pod);
        }
    }

    /** A pod goes with its owner, also one that was made after its owner was gone. */
    private final class Collector implements ResourceEventHandler<PluginExecution> {
        @Override
        public void onAdd(PluginExecution execution) {
            // nothing to collect
        }

        @Override
        public void onUpdate(PluginExecution before, PluginExecution now) {
            // nor here
        }

        @Override
        public void onDelete(PluginExecution execution, boolean unknown) {
            gone.add(execution.getMetadata().getUid());
            admin.pods().inNamespace(execution.getMetadata().getNamespace()).list().getItems().stream()
                    .filter(SimulatedNode.this::isOrphan)
                    .forEach(pod -> admin.resource(pod).delete());
        }
    }

    private boolean isOrphan(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream().anyMatch(owner -> gone.contains(owner.getUid()));
    }

    private void kill(Pod pod) {
        var thread = running.remove(pod.getMetadata().getUid());
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** The kubelet's last word on a pod that is being deleted. */
    private void remove(Pod pod) {
        kubelet.pods().resource(pod).withGracePeriod(0).delete();
    }

    private void live(Pod pod) {
        try {
            admin.bindings()
                    .inNamespace(pod.getMetadata().getNamespace())
                    .resource(binding(pod))
                    .create();
            if (unmounted.equals(pod.getMetadata().getNamespace())) {
                return;
            }
            status(
                    pod,
                    "Running",
                    new ContainerStatusBuilder()
                            .withReady(true)
                            .withNewState()
                            .withNewRunning()
                            .withStartedAt(now())
                            .endRunning()
                            .endState());
            try (var launcher = new SimulatedLauncher(
                    vertx, gatewayPort, trust(pod), token(pod), longRuns, step -> step(pod, step))) {
                ended(pod, 0, launcher.run());
            } catch (SimulatedLauncher.Refused refused) {
                ended(pod, 1, refused.getMessage());
            }
        } catch (SimulatedLauncher.Hung hung) {
            // the container stays as it is
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
        } catch (KubernetesClientException gone) {
            if (gone.getCode() != 404
                    && gone.getCode() != 409
                    && !Thread.currentThread().isInterrupted()) {
                throw gone;
            }
        }
    }

    private void step(Pod pod, Step step) {
        hook.accept(pod, step);
        if (step == Step.STARTED) {
            starts.merge(pod.getMetadata().getOwnerReferences().getFirst().getUid(), 1, Integer::sum);
        }
    }

    private void ended(Pod pod, int exitCode, String message) {
        status(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                new ContainerStatusBuilder()
                        .withReady(false)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withReason(exitCode == 0 ? "Completed" : "Error")
                        .withMessage(message)
                        .withFinishedAt(now())
                        .endTerminated()
                        .endState());
    }

    private void status(Pod pod, String phase, ContainerStatusBuilder container) {
        var patch = new PodBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .withNamespace(pod.getMetadata().getNamespace())
                .withUid(pod.getMetadata().getUid())
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .withPodIP("10.244.0.7")
                .withContainerStatuses(container
                        .withName("plugin")
                        .withImage("images.example/check")
                        .withImageID("images.example/check@sha256:" + "c".repeat(64))
                        .withRestartCount(0)
                        .build())
                .endStatus()
                .build();
        kubelet.pods().resource(patch).subresource("status").patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
    }

    private static Binding binding(Pod pod) {
        return new BindingBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .endMetadata()
                .withNewTarget()
                .withKind("Node")
                .withName("node-1")
                .endTarget()
                .build();
    }

    /** As the kubelet projects it: for the gateway alone, and only as long as the pod lives. */
    private String token(Pod pod) {
        return kubelet.serviceAccounts()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getSpec().getServiceAccountName())
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences("corral-gateway")
                        .withNewBoundObjectRef()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .endBoundObjectRef()
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    private static String trust(Pod pod) {
        return pod.getSpec().getContainers().getFirst().getEnv().stream()
                .filter(variable -> variable.getName().equals("CORRAL_CA"))
                .map(EnvVar::getValue)
                .findFirst()
                .orElseThrow();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
