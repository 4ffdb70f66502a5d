package dev.corral.operator.clusterit;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Copies of a plugin pod in a new namespace, with another program where the launcher would be. */
record RawPods(Team team, String namespace, Pod model, List<NetworkPolicy> policies, List<String> command) {
    private static final String CLASS = "corral.dev/network-class";

    /** What the network holds a plugin pod to. */
    static List<NetworkPolicy> policiesOf(Team team, Pod model) {
        return Stream.of(
                        "corral-default-deny",
                        "corral-class-" + model.getMetadata().getLabels().get(CLASS))
                .map(name -> team.client()
                        .network()
                        .v1()
                        .networkPolicies()
                        .inNamespace(model.getMetadata().getNamespace())
                        .withName(name)
                        .require())
                .toList();
    }

    /** Policies first, then all pods at once, none waited for; given when all have an address. */
    List<Pod> plant(int count) {
        try (var planter = team.cluster().as(LocalCluster.PLANTER)) {
            planter.resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName("corral-plugin")
                            .withNamespace(namespace)
                            .endMetadata()
                            .build())
                    .create();
            policies.forEach(policy -> copy(planter, policy));
            var threads = IntStream.range(0, count)
                    .mapToObj(i -> Thread.ofVirtual()
                            .start(() -> planter.resource(pod("raw-" + i)).create()))
                    .toList();
            for (var thread : threads) {
                thread.join();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
        return IntStream.range(0, count)
                .mapToObj(i -> Team.awaited(
                        () -> "raw-" + i,
                        () -> team.client()
                                .pods()
                                .inNamespace(namespace)
                                .withName("raw-" + i)
                                .waitUntilCondition(
                                        pod -> pod != null && pod.getStatus().getPodIP() != null,
                                        180,
                                        TimeUnit.SECONDS)))
                .toList();
    }

    /** Makes room for others. */
    void clear() {
        team.client().namespaces().withName(namespace).delete();
        Team.awaited(
                () -> namespace + " to be gone",
                () -> team.client()
                        .namespaces()
                        .withName(namespace)
                        .waitUntilCondition(gone -> gone == null, 180, TimeUnit.SECONDS));
    }

    private void copy(KubernetesClient planter, NetworkPolicy policy) {
        planter.resource(new NetworkPolicyBuilder(policy)
                        .withMetadata(new ObjectMetaBuilder()
                                .withName(policy.getMetadata().getName())
                                .withNamespace(namespace)
                                .withLabels(policy.getMetadata().getLabels())
                                .build())
                        .build())
                .create();
    }

    private Pod pod(String name) {
        var pod = new PodBuilder(model)
                .withMetadata(new ObjectMetaBuilder()
                        .withName(name)
                        .withNamespace(namespace)
                        .withLabels(model.getMetadata().getLabels())
                        .build())
                .withStatus(null)
                .editSpec()
                .withNodeName(null)
                .withReadinessGates()
                .withVolumes()
                .endSpec()
                .build();
        var container = pod.getSpec().getContainers().getFirst();
        container.setImage(team.cluster().image("probe"));
        container.setCommand(command);
        container.setVolumeMounts(List.of());
        container.setTerminationMessagePath(null);
        container.getResources().setRequests(Map.of("cpu", new Quantity("5m")));
        return pod;
    }
}
