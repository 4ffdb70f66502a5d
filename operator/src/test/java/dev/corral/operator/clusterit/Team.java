package dev.corral.operator.clusterit;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A team's namespace for one test class: Pod Security {@code restricted} enforced, and a ClusterPluginPolicy that grants what the class
 * says. Both are new in every run and gone afterwards.
 */
final class Team extends NeedsCluster implements AfterAllCallback {
    private static final String RUN = Long.toString(System.currentTimeMillis() / 1000, 36);

    private static final AtomicInteger CLASSES = new AtomicInteger();

    private final String name;
    private final String policy;
    private String namespace = "";

    private Team(String name, String policy) {
        this.name = name;
        this.policy = policy;
    }

    /** A team with these grants, as YAML of {@code spec.grants}. */
    static Team granted(String name, String grants) {
        return new Team(name, "grants:\n" + grants.indent(2));
    }

    /** A team with a policy of more than grants, as YAML of {@code spec}. */
    static Team governed(String name, String policy) {
        return new Team(name, policy);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        super.beforeAll(context);
        // a class that inherits its tests has a team of its own
        namespace = name + "-" + RUN + "-" + CLASSES.incrementAndGet();
        makeNamespace(namespace);
        govern("team", policy);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        client().resources(PluginExecution.class).inNamespace(namespace).delete();
        client().genericKubernetesResources("corral.dev/v1alpha1", "ClusterPluginPolicy")
                .withLabel("clusterit", namespace)
                .delete();
        client().namespaces().withLabel("clusterit", namespace).delete();
        client().persistentVolumes().withLabel("clusterit", namespace).delete();
    }

    /** Another namespace that goes when this one goes. */
    String makeNamespace(String name) {
        client().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(Map.of("clusterit", namespace, "pod-security.kubernetes.io/enforce", "restricted"))
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    /** One more policy for this namespace, as YAML of its spec. */
    void govern(String name, String spec) {
        apply("""
                apiVersion: corral.dev/v1alpha1
                kind: ClusterPluginPolicy
                metadata:
                  name: %1$s-%2$s
                  labels: {clusterit: %2$s}
                spec:
                  namespaces: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
                """.formatted(name, namespace) + spec.indent(2));
        var made = client().resources(ClusterPluginPolicy.class).withName(name + "-" + namespace);
        awaited(
                () -> "the controller to have read policy " + name + "; it is\n" + Serialization.asYaml(made.get())
                        + operatorSays(),
                () -> made.waitUntilCondition(
                        policy -> policy != null
                                && policy.getStatus() != null
                                && policy.getStatus().observedGeneration() != null,
                        60,
                        TimeUnit.SECONDS));
    }

    /** Corral's pods, and what each of them warned of last: for the one who reads why a wait was in vain. */
    private String operatorSays() {
        return client().pods().inNamespace(LocalCluster.SYSTEM).list().getItems().stream()
                .map(pod -> pod.getMetadata().getName() + " since "
                        + pod.getMetadata().getCreationTimestamp() + ", restarts "
                        + pod.getStatus().getContainerStatuses().stream()
                                .map(ContainerStatus::getRestartCount)
                                .toList()
                        + "\n" + warnings(client().pods().resource(pod).getLog()))
                .collect(Collectors.joining("\n"));
    }

    private static String warnings(String log) {
        var lines = log.lines().filter(line -> !line.contains("\"INFO\"")).toList();
        return lines.stream().skip(Math.max(0, lines.size() - 10)).collect(Collectors.joining("\n"));
    }

    /** Objects as YAML; {@code $NAMESPACE} is this one. */
    void apply(String yaml) {
        client().load(new ByteArrayInputStream(
                        yaml.replace("$NAMESPACE", namespace).getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(item -> client().resource(item).create());
    }

    KubernetesClient client() {
        return cluster().admin();
    }

    String namespace() {
        return namespace;
    }

    /** What plugin pods know the gateway by. */
    String gatewayAddress() {
        return client().services()
                .inNamespace(LocalCluster.SYSTEM)
                .withName("corral-gateway")
                .get()
                .getSpec()
                .getClusterIP();
    }

    /** A plugin of that name whose one handler is the probe with these arguments. */
    PluginDraft probe(String name, String... arguments) {
        var command = new String[arguments.length + 1];
        command[0] = "/probe";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return new PluginDraft(this, name, "probe", command);
    }

    /** A plugin of that name whose one handler is a shell script. */
    PluginDraft shell(String name, String script) {
        return new PluginDraft(this, name, "plugin-shell", "/bin/sh", "-euc", script);
    }

    /** The execution of that name, whoever made it. */
    Run execution(String name) {
        return new Run(this, name);
    }

    /** Waits, by watch, for a pod of this team; gives up after three minutes. */
    Pod pod(String name, Predicate<Pod> condition) {
        return awaited(
                () -> "pod " + name,
                () -> client().pods()
                        .inNamespace(namespace)
                        .withName(name)
                        .waitUntilCondition(pod -> pod != null && condition.test(pod), 180, TimeUnit.SECONDS));
    }

    /** An ordinary pod of the team, no plugin: as hardened as Pod Security demands. Given when it runs. */
    Pod ordinaryPod(String name, String image, List<String> command) {
        return ordinaryPod(namespace, name, image, command);
    }

    Pod ordinaryPod(String where, String name, String image, List<String> command) {
        client().resource(Serialization.unmarshal(
                        """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: %s, labels: {app: %s}}
                spec:
                  restartPolicy: Never
                  automountServiceAccountToken: false
                  terminationGracePeriodSeconds: 0
                  securityContext: {runAsNonRoot: true, runAsUser: 12345, seccompProfile: {type: RuntimeDefault}}
                  containers:
                    - name: main
                      image: %s
                      command: %s
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                """.formatted(name, where, name, cluster().image(image), Serialization.asJson(command)),
                        Pod.class))
                .create();
        return awaited(
                () -> "pod " + name,
                () -> client().pods()
                        .inNamespace(where)
                        .withName(name)
                        .waitUntilCondition(
                                pod -> pod != null
                                        && pod.getStatus() != null
                                        && pod.getStatus().getPodIP() != null
                                        && !"Pending".equals(pod.getStatus().getPhase()),
                                180,
                                TimeUnit.SECONDS));
    }

    static <T> T awaited(Supplier<String> what, Supplier<T> wait) {
        try {
            return wait.get();
        } catch (KubernetesClientTimeoutException late) {
            throw new AssertionError("waited in vain for " + what.get(), late);
        }
    }
}
