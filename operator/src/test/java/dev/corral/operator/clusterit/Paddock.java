package dev.corral.operator.clusterit;

import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginPoolStatus;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.PodReader;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** The pools of a team, and the plugins whose pods wait in them. */
record Paddock(Team team) {
    /** What those plugins ask for. */
    static final String ASKS = "env: [GREETING]";

    /** A plugin that does nothing. */
    void plugin(String name) {
        team.probe(name, "exit", "0").asks(ASKS).plugin();
    }

    /** Of the plugin of its name. */
    void pool(String name, int replicas, String... more) {
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginPool
                metadata: {name: %1$s, namespace: $NAMESPACE}
                spec:
                  plugin: {name: %1$s}
                  handler: main
                  replicas: %2$d
                  refillPerSecond: 10
                """.formatted(name, replicas) + String.join("\n", more).indent(2));
    }

    void execute(String plugin, String name, String... more) {
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: %2$s, namespace: $NAMESPACE}
                spec:
                  plugin: {name: %1$s}
                  handler: main
                """.formatted(plugin, name) + String.join("\n", more).indent(2));
    }

    /** By the subresource, as an autoscaler does it. */
    void scale(String name, int replicas) {
        team.cluster()
                .output("cluster/kubectl", "-n", team.namespace(), "scale", "ppool/" + name, "--replicas=" + replicas);
    }

    PluginPoolStatus ready(String name, int pods) {
        return awaitPool(name, status -> status.ready() >= pods);
    }

    PluginPoolStatus awaitPool(String name, Predicate<PluginPoolStatus> condition) {
        return named(name)
                .waitUntilCondition(
                        pool -> pool != null && pool.getStatus() != null && condition.test(pool.getStatus()),
                        180,
                        TimeUnit.SECONDS)
                .getStatus();
    }

    Resource<PluginPool> named(String name) {
        return team.client()
                .resources(PluginPool.class)
                .inNamespace(team.namespace())
                .withName(name);
    }

    /** The names of the pods that could be claimed. */
    List<String> waiting(String pool) {
        return team
                .client()
                .pods()
                .inNamespace(team.namespace())
                .withLabel("corral.dev/plugin-pod")
                .list()
                .getItems()
                .stream()
                .filter(pod -> pool.equals(annotation(pod)))
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .filter(pod -> PodReader.read(Optional.of(pod)) instanceof Ready)
                .map(pod -> pod.getMetadata().getName())
                .toList();
    }

    static String annotation(Pod pod) {
        return pod.getMetadata().getAnnotations() == null
                ? null
                : pod.getMetadata().getAnnotations().get("corral.dev/pool");
    }

    /** No pool is left, and no pod of one that waits. */
    void clear() {
        team.client().resources(PluginPool.class).inNamespace(team.namespace()).delete();
        Awaitility.await("no pod waits")
                .atMost(Duration.ofSeconds(90))
                .until(() -> team.client().pods().inNamespace(team.namespace()).list().getItems().stream()
                        .noneMatch(pod -> pod.getMetadata()
                                .getOwnerReferences()
                                .getFirst()
                                .getKind()
                                .equals("PluginPool")));
    }
}
