package dev.corral.operator.faults;

import static org.awaitility.Awaitility.await;

import com.marcnuri.helm.Helm;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.cluster.Clients;
import dev.corral.testing.ApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** A real API server with everything the chart brings but the Deployments: kinds, roles, guards, service, fallback policy. */
final class Installed implements AutoCloseable {
    static {
        // processes are killed here: what their dying threads throw is no answer of the test
        Awaitility.doNotCatchUncaughtExceptionsByDefault();
    }

    static final String NAMESPACE = "corral-system";
    static final String LAUNCHER = "images.example/corral/launcher@sha256:" + "b".repeat(64);
    static final String CONTROLLER = "corral-controller";
    static final String GATEWAY = "corral-gateway";

    /** Whom the guards let pass: plants what no tenant may. */
    private static final String PLANTER = "planter";

    private final ApiServer server = ApiServer.start(ApiServer.Authorization.RBAC);
    private final KubernetesClient admin = Clients.with(server.config());
    private final KubernetesClient kubelet = server.clientAs("system:node:node-1", "system:nodes");
    private final SSLContext trust = trusting(server.certificate());
    private int namespaces;

    Installed() {
        admin.resource(namespace(NAMESPACE)).create();
        server.serveKinds();
        // Corral's own client knows a NetworkPolicy as a generic resource, and finds no path for one that is written as
        // that
        var helm = server.client();
        chart().filter(object -> !object.getKind().equals("CustomResourceDefinition"))
                .forEach(object -> helm.resource(object)
                        .fieldManager("helm")
                        .forceConflicts()
                        .serverSideApply());
        admin.resource(read("nodes-role.yaml", ClusterRoleBinding.class)).create();
        admin.resource(read("policy.yaml", ClusterPluginPolicy.class)).create();
        awaitGuards();
    }

    KubernetesClient admin() {
        return admin;
    }

    KubernetesClient kubelet() {
        return kubelet;
    }

    KubernetesClient planter() {
        return server.clientAs(PLANTER, "system:masters");
    }

    /** A way to the API server for one life of a process that acts as that account. */
    FaultProxy proxy(String account) {
        var address = URI.create(server.url());
        return new FaultProxy(
                () -> connect(address.getPort()),
                List.of(
                        "Authorization: Bearer " + server.token(),
                        "Impersonate-User: system:serviceaccount:" + NAMESPACE + ":" + account,
                        "Impersonate-Group: system:serviceaccounts",
                        "Impersonate-Group: system:serviceaccounts:" + NAMESPACE,
                        "Impersonate-Group: system:authenticated"));
    }

    private Socket connect(int port) throws IOException {
        var socket = trust.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        return socket;
    }

    /** A fresh namespace of a tenant, with a plugin in it that the controller has looked at. */
    synchronized String newNamespace() {
        var name = "team-" + ++namespaces;
        admin.resource(namespace(name)).create();
        admin.serviceAccounts().inNamespace(name).resource(account("default")).create();
        var plugin = admin.resource(read("plugin.yaml", Plugin.class)).inNamespace(name);
        plugin.create();
        soon("the plugin's lint").until(() -> plugin.get().getStatus() != null);
        return name;
    }

    /** As between two installations: the guard of pods is taken away, and written anew after it. */
    void withoutGuardOfPods(Runnable meanwhile) {
        var guard = chart().filter(object -> object.getMetadata().getName().equals("corral-pod-guard"))
                .toList();
        guard.forEach(object -> admin.resource(object).delete());
        meanwhile.run();
        guard.forEach(object -> admin.resource(object).create());
    }

    PluginExecution execute(String namespace, String file) {
        return admin.resource(read(file, PluginExecution.class))
                .inNamespace(namespace)
                .create();
    }

    /** A document of {@code src/test/resources/faults}. */
    static <T extends HasMetadata> T read(String file, Class<T> type) {
        return Serialization.unmarshal(Installed.class.getResourceAsStream("/faults/" + file), type);
    }

    @Override
    public void close() {
        admin.close();
        server.close();
    }

    private static ServiceAccount account(String name) {
        return new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build();
    }

    private static HasMetadata namespace(String name) {
        return new NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("corral.dev/enabled", "true"))
                .endMetadata()
                .build();
    }

    private static Stream<GenericKubernetesResource> chart() {
        var text = new Helm(module().resolve("../helm").normalize())
                .template()
                .withName("corral")
                .withNamespace(NAMESPACE)
                .withKubeVersion("1.36.0")
                .set("images.operator", "images.example/corral/operator@sha256:" + "a".repeat(64))
                .set("images.launcher", LAUNCHER)
                .set("guard.exemptUsers[0]", PLANTER)
                .call();
        return Arrays.stream(text.split("(?m)^---\\s*$"))
                .filter(document -> !document.lines().allMatch(line -> line.isBlank() || line.startsWith("#")))
                .map(document -> Serialization.unmarshal(document, GenericKubernetesResource.class))
                .filter(object -> !object.getKind().equals("Deployment"));
    }

    /** The API server compiles guards a moment after they are written. */
    private void awaitGuards() {
        var controller =
                server.clientAs("system:serviceaccount:" + NAMESPACE + ":" + CONTROLLER, "system:authenticated");
        var plain = new PodBuilder()
                .withNewMetadata()
                .withName("x")
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(CONTROLLER)
                .addNewContainer()
                .withName("x")
                .withImage("x")
                .endContainer()
                .endSpec()
                .build();
        await("guards in force").atMost(Duration.ofSeconds(30)).until(() -> {
            try {
                controller.resource(plain).dryRun(true).create();
                return false;
            } catch (KubernetesClientException refused) {
                return String.valueOf(refused.getMessage()).contains("ValidatingAdmissionPolicy 'corral-");
            }
        });
    }

    private static Path module() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    }

    private static SSLContext trusting(Path certificate) {
        try (var file = new FileInputStream(certificate.toFile())) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "api", CertificateFactory.getInstance("X.509").generateCertificate(file));
            var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** Waits as long as anything may take on a busy machine. */
    static ConditionFactory soon(String what) {
        return await(what).atMost(40, TimeUnit.SECONDS).pollInterval(30, TimeUnit.MILLISECONDS);
    }
}
