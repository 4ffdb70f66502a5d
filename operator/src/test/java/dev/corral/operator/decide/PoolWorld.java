package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.decide.Action.CreatePod;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Planner;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.ObjectNames;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** What pools find in the tests: plugins of one handler, one policy for all, and pods as the kubelet and the launcher leave them. */
final class PoolWorld {
    private static final String PROVEN = """
            {"session":"s%s","sentinelSawPod":false,"evidence":{"launcher":"0.1.0","uid":23456,"uidMap":"0 1879048192 65536",
             "capEff":"0000000000000000","noNewPrivs":true,"seccomp":2,"rootReadOnly":true,"landlockAbi":7,"pidsMax":"512",
             "cgroup":"v1","kernel":"6.18.5","sentinel":{"reachable":false,"answer":"timeout","millis":300,"attempts":1}}}""";

    private PoolWorld() {}

    static Pod ready(Pod pod, Instant made) {
        return new PodBuilder(pod)
                .editMetadata()
                .withUid(ObjectNames.hash(pod.getMetadata().getName()).substring(0, 8))
                .withCreationTimestamp(made.toString())
                .endMetadata()
                .withNewStatus()
                .withPhase("Running")
                .addNewCondition()
                .withType("corral.dev/SandboxVerified")
                .withStatus("True")
                .withReason("Proven")
                .withMessage(PROVEN.formatted(pod.getMetadata().getName()))
                .endCondition()
                .addNewContainerStatus()
                .withName("plugin")
                .withNewState()
                .withNewRunning()
                .endRunning()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
    }

    /** Its launcher reached the port that must be closed. */
    static Pod reached(Pod ready) {
        return said(ready, "False", "\"reachable\":false", "\"reachable\":true");
    }

    static Pod withoutLandlock(Pod ready) {
        return said(ready, "True", "\"landlockAbi\":7", "\"landlockAbi\":0");
    }

    private static Pod said(Pod ready, String verified, String proven, String instead) {
        return new PodBuilder(ready)
                .editStatus()
                .editFirstCondition()
                .withStatus(verified)
                .withMessage(ready.getStatus()
                        .getConditions()
                        .getFirst()
                        .getMessage()
                        .replace(proven, instead))
                .endCondition()
                .endStatus()
                .build();
    }

    static List<Pod> created(PoolDecision decision) {
        return decision.lay().stream()
                .filter(CreatePod.class::isInstance)
                .map(action -> ((CreatePod) action).pod())
                .toList();
    }

    static List<String> nonces(int budget, int from) {
        return IntStream.range(0, budget).mapToObj(i -> from + "-" + i).toList();
    }

    static FoundPlugin plugin(String name, String memory) {
        return new FoundPlugin(
                "Plugin",
                name,
                name + "-uid",
                1,
                Serialization.unmarshal("""
                image: corral.local/check@sha256:%s
                permissions: {limits: {memory: %s}}
                handlers:
                  - name: main
                    command: [/check]
                    input: {type: object, required: [url]}
                """.formatted("b".repeat(64), memory), PluginSpec.class));
    }

    static ClusterPluginPolicy policy(String... tolerated) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: ClusterPluginPolicy
                metadata: {name: base, uid: p, generation: 1}
                spec: {grants: {limits: {memory: 128Mi, cpu: 500m}}, tolerateUnenforced: %s}
                """.formatted(List.of(tolerated)), ClusterPluginPolicy.class);
    }

    /** The network policies of who is granted nothing, as they are rendered. */
    static Set<LaidPolicy> laid(Installation installation) {
        String networkClass = new Planner(installation).networkClass(EffectivePermissions.NOTHING);
        return Set.of(
                LaidPolicy.of(NetworkPolicyRenderer.defaultDeny("team-a")),
                LaidPolicy.of(new NetworkPolicyRenderer(installation)
                        .forClass("team-a", networkClass, EffectivePermissions.NOTHING)));
    }

    static Surroundings surroundings(
            FoundPlugin plugin, List<ClusterPluginPolicy> policies, Set<LaidPolicy> laid, Installation installation) {
        return new Surroundings(Optional.of(plugin), Map.of(), policies, List.of(), laid, false, installation);
    }
}
