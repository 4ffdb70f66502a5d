package dev.corral.operator.render;

import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.policy.Limits;
import dev.corral.operator.policy.PlacementGrant;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HostAlias;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The pod of one attempt: one container with the launcher as PID 1. Nothing in it comes from a tenant but image and Secret names. */
public final class PodRenderer {
    /** What the launcher itself may need beside the handler's share; it keeps the kernel's OOM kill a backstop. */
    static final long LAUNCHER_MEMORY = 24L << 20;
    /** Room for logs and for what is written between two looks of the launcher's disk watch. */
    static final long DISK_MARGIN = 32L << 20;
    /** Seconds beside the start and the timeout: staging, grace, collection. The kubelet's clock is only the last of the backstops. */
    static final long DEADLINE_ALLOWANCE = 600;
    /** CPU requests in thousandths of a core, of a pod made for a run and of one that waits where no policy says more. */
    static final long COLD_CPU = 50;

    static final long WAITING_CPU = 10;

    private final Installation installation;
    private final VolumeRenderer volumes;

    public PodRenderer(Installation installation) {
        this.installation = installation;
        this.volumes = new VolumeRenderer(installation);
    }

    public Pod render(ExecutionPlan plan) {
        return render(plan, PodIdentity.ofRun(plan.run(), PodIdentity.STARTS));
    }

    /** The same pod for somebody else: who it is differs, what it may do does not. */
    public Pod render(ExecutionPlan plan, PodIdentity who) {
        LoopbackNames names = LoopbackNames.of(plan.permissions());
        PodSpec spec = spec(plan, who, names.aliases());
        PodSecurity.harden(spec, who.user(), names.lowestPort());
        Map<String, String> annotations = new TreeMap<>(OwnedLabels.annotations(plan));
        annotations.putAll(who.annotations());
        return new PodBuilder()
                .withNewMetadata()
                .withName(who.name())
                .withNamespace(plan.run().namespace())
                .withLabels(OwnedLabels.pod(plan))
                .withAnnotations(annotations)
                .withOwnerReferences(who.owner())
                .endMetadata()
                .withSpec(spec)
                .build();
    }

    private PodSpec spec(ExecutionPlan plan, PodIdentity who, List<HostAlias> aliases) {
        Limits limits = plan.permissions().limits();
        PlacementGrant placement = plan.permissions().placement();
        PodSpecBuilder spec = new PodSpecBuilder()
                .withReadinessGates(new PodReadinessGate(OwnedLabels.SANDBOX_VERIFIED))
                .withContainers(plugin(plan, who))
                .withVolumes(volumes.volumes(plan))
                .withHostAliases(aliases)
                .withActiveDeadlineSeconds(limits.timeoutMillis() / 1000
                        + DEADLINE_ALLOWANCE
                        + who.starts().toSeconds()
                        + who.waits().toSeconds())
                .withTerminationGracePeriodSeconds(30L)
                .withImagePullSecrets(plan.permissions().pullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList());
        if (installation.delivery() == LauncherDelivery.InitCopy) {
            spec.withInitContainers(copyLauncher(limits));
        }
        if (!placement.nodeSelector().isEmpty()) {
            spec.withNodeSelector(placement.nodeSelector());
        }
        placement.priorityClass().ifPresent(spec::withPriorityClassName);
        placement.runtimeClass().ifPresent(spec::withRuntimeClassName);
        spec.withTolerations(
                placement.tolerations().stream().map(PodRenderer::toleration).toList());
        return spec.build();
    }

    private Container plugin(ExecutionPlan plan, PodIdentity who) {
        Limits limits = plan.permissions().limits();
        return new ContainerBuilder()
                .withName("plugin")
                .withImage(plan.image().toString())
                .withImagePullPolicy(plan.image().digest().isPresent() ? "IfNotPresent" : "Always")
                .withCommand("/.corral/bin/corral", "launch")
                .withEnv(environment(plan))
                .withVolumeMounts(volumes.mounts(plan))
                .withNewResources()
                .withRequests(resources(limits, Math.min(limits.cpuMillis(), cpuRequest(plan, who))))
                .withLimits(resources(limits, limits.cpuMillis()))
                .endResources()
                .withTerminationMessagePath("/.corral/termination-log")
                .withTerminationMessagePolicy("File") // the other policy would leak logs into status
                .build();
    }

    /** Only for clusters whose runtime does not execute programs from an image volume; costs a second container's start. */
    private Container copyLauncher(Limits limits) {
        Map<String, Quantity> small = Map.of(
                "cpu", new Quantity("50m"),
                "memory", new Quantity("32Mi"),
                "ephemeral-storage", new Quantity("16Mi"));
        return new ContainerBuilder()
                .withName("launcher")
                .withImage(installation.launcherImage())
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/corral", "install", "/.corral/bin/corral")
                .withVolumeMounts(volumes.launcherTarget())
                .withResources(new ResourceRequirementsBuilder()
                        .withRequests(small)
                        .withLimits(small)
                        .build())
                .build();
    }

    /** Waiting pods hold little back from others; what a run may use is the limit's to say. */
    private static long cpuRequest(ExecutionPlan plan, PodIdentity who) {
        return who.waits().isZero()
                ? COLD_CPU
                : plan.permissions().placement().waitingCpuMillis().orElse(WAITING_CPU);
    }

    private List<EnvVar> environment(ExecutionPlan plan) {
        String host = installation.gatewayAddress().contains(":")
                ? "[" + installation.gatewayAddress() + "]"
                : installation.gatewayAddress();
        List<EnvVar> variables = new ArrayList<>(List.of(
                new EnvVar("CORRAL_GATEWAY", "https://" + host + ":" + Installation.LAUNCHER_PORT, null),
                new EnvVar("CORRAL_SENTINEL", host + ":" + Installation.SENTINEL_PORT, null),
                new EnvVar("CORRAL_CA", installation.trustBundle(), null)));
        SandboxSettings.of(plan.permissions())
                .ifPresent(settings -> variables.add(new EnvVar(SandboxSettings.VARIABLE, settings, null)));
        return List.copyOf(variables);
    }

    private static Map<String, Quantity> resources(Limits limits, long cpuMillis) {
        return Map.of(
                "cpu", new Quantity(cpuMillis + "m"),
                "memory", new Quantity(Long.toString(limits.memoryBytes() + LAUNCHER_MEMORY)),
                "ephemeral-storage", new Quantity(Long.toString(limits.diskBytes() + 2 * DISK_MARGIN)));
    }

    private static Toleration toleration(PlacementGrant.Toleration tolerated) {
        return new TolerationBuilder()
                .withKey(tolerated.key())
                .withOperator(tolerated.value().isPresent() ? "Equal" : "Exists")
                .withValue(tolerated.value().orElse(null))
                .withEffect(tolerated.effect().orElse(null))
                .build();
    }
}
