package dev.corral.operator.render;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.ExecutionPlan.HandlerPlan;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Planner;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.ImageReference;
import dev.corral.operator.policy.Limits;
import dev.corral.operator.policy.PlacementGrant;
import dev.corral.operator.policy.ServiceDefinition;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/** Pods that probe the cluster: plugin pods of the launcher's own image in the operator's namespace, never claimed, soon deleted. */
public final class ProbeRenderer {
    private ProbeRenderer() {}

    /** What a probe pod is for. */
    public enum Probe {
        /** Launcher from an image volume, nothing granted: the port that must be shut. */
        Sandbox,
        /** Launcher copied, the sentinel's port granted: the same port, which must be open then. */
        Control,
        /** Launcher copied, nothing granted: where the first cannot start. */
        Copied
    }

    private static RunIdentity run(String namespace, CorralCluster cluster, String hostname, Probe probe) {
        String uid = cluster.getMetadata().getUid() + "/" + hostname + "/" + probe;
        return new RunIdentity(namespace, "probe-" + ObjectNames.hash(uid).substring(0, 10), uid, 1);
    }

    /** The same for the same node and probe, so that a repeated create is a conflict and never a second pod. */
    public static String name(CorralCluster cluster, String hostname, Probe probe) {
        return ObjectNames.pod(run("", cluster, hostname, probe));
    }

    public static ExecutionPlan plan(
            Installation installation, List<String> pullSecrets, CorralCluster cluster, String hostname, Probe probe) {
        List<ServiceDefinition> services = probe == Probe.Control
                ? List.of(new ServiceDefinition(
                        "sentinel",
                        installation.namespace(),
                        new TreeMap<>(OwnedLabels.GATEWAY),
                        List.of(Ports.tcp(Installation.SENTINEL_PORT))))
                : List.of();
        EffectivePermissions permissions = EffectivePermissions.NOTHING.withServices(
                services,
                new Limits(60_000, 16L << 20, 200, 8L << 20, 16, 1L << 20, 1, OptionalLong.empty()),
                new PlacementGrant(
                        new TreeMap<>(Map.of("kubernetes.io/hostname", hostname)),
                        List.of(),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalLong.empty()),
                new TreeSet<>(pullSecrets));
        return new Planner(installation)
                .plan(
                        run(installation.namespace(), cluster, hostname, probe),
                        ImageReference.own(installation.launcherImage()),
                        new HandlerPlan(List.of(), List.of(), List.of(), false, List.of()),
                        permissions);
    }

    /** The cluster's object as owner instead of an execution. */
    public static Pod owned(Pod pod, CorralCluster cluster) {
        return new PodBuilder(pod)
                .editMetadata()
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("corral.dev/v1alpha1")
                        .withKind("CorralCluster")
                        .withName(cluster.getMetadata().getName())
                        .withUid(cluster.getMetadata().getUid())
                        .withController(true)
                        .build())
                .endMetadata()
                .build();
    }
}
