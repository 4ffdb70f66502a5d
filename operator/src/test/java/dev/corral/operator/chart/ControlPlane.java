package dev.corral.operator.chart;

import static org.awaitility.Awaitility.await;

import dev.corral.testing.ApiServer;
import dev.corral.testing.ClusterPrograms;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;

/**
 * A real etcd, kube-apiserver and the controllers that garbage-collect, delete namespaces and check guards for type errors. The
 * programs are those of {@link ClusterPrograms}.
 */
final class ControlPlane implements AutoCloseable {
    private static final String CONTROLLERS = String.join(
            ",",
            "validatingadmissionpolicy-status-controller",
            "garbage-collector-controller",
            "namespace-controller",
            "clusterrole-aggregation-controller");

    private final Path programs;
    private final Path folder;
    private final Deque<Process> running = new ArrayDeque<>();
    private final Thread lastResort = new Thread(this::stopProcesses);
    private final String address;

    private ControlPlane(Path programs, Path folder) throws IOException {
        this.programs = programs;
        this.folder = folder;
        Runtime.getRuntime().addShutdownHook(lastResort);
        var ports = freePorts(3);
        address = "https://127.0.0.1:" + ports.get(2);
        var etcd = "http://127.0.0.1:" + ports.get(0);
        var peer = "http://127.0.0.1:" + ports.get(1);
        writeKeys();
        Files.writeString(file("tokens.csv"), "admin-token,admin,admin,\"system:masters\"\n");
        start(
                "etcd",
                "--data-dir",
                file("etcd").toString(),
                "--unsafe-no-fsync",
                "--listen-client-urls",
                etcd,
                "--advertise-client-urls",
                etcd,
                "--listen-peer-urls",
                peer);
        start(
                "kube-apiserver",
                "--etcd-servers",
                etcd,
                "--bind-address",
                "127.0.0.1",
                "--secure-port",
                ports.get(2).toString(),
                "--cert-dir",
                file("certs").toString(),
                "--allow-privileged=true",
                "--authorization-mode",
                "RBAC",
                "--token-auth-file",
                file("tokens.csv").toString(),
                "--service-account-issuer",
                "https://kubernetes.default.svc",
                "--service-account-key-file",
                file("accounts.key").toString(),
                "--service-account-signing-key-file",
                file("accounts.key").toString());
    }

    private void startControllers() throws IOException {
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(this::isReady);
        Files.writeString(file("kubeconfig"), kubeconfig());
        start(
                "kube-controller-manager",
                "--kubeconfig",
                file("kubeconfig").toString(),
                "--leader-elect=false",
                "--controllers",
                CONTROLLERS,
                "--use-service-account-credentials",
                "--cert-dir",
                file("certs").toString(),
                "--secure-port",
                "0");
    }

    /** Started in {@code folder}. */
    static ControlPlane start(Path folder) throws IOException {
        var plane = new ControlPlane(ClusterPrograms.folder(), folder);
        try {
            plane.startControllers();
        } catch (IOException | RuntimeException e) {
            plane.close();
            throw e;
        }
        return plane;
    }

    KubernetesClient admin() {
        return new KubernetesClientBuilder().withConfig(config()).build();
    }

    /** A client of somebody else: the administrator impersonates them, so nobody needs credentials. */
    KubernetesClient as(String user, String... groups) {
        var config = config();
        config.setImpersonateUsername(user);
        config.setImpersonateGroups(groups);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    String kubeconfig() {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: it, cluster: {server: "%s", certificate-authority: "%s"}}]
                users: [{name: it, user: {token: admin-token}}]
                contexts: [{name: it, context: {cluster: it, user: it}}]
                current-context: it
                """.formatted(address, file("certs/apiserver.crt"));
    }

    private Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(address)
                .withOauthToken("admin-token")
                .withCaCertFile(file("certs/apiserver.crt").toString())
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    private boolean isReady() {
        try (var client = admin()) {
            return "ok".equals(client.raw("/readyz"));
        }
    }

    private void start(String program, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(programs.resolve(program).toString()));
        command.addAll(List.of(arguments));
        running.push(new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(file(program + ".log").toFile())
                .start());
    }

    /** The API server signs the tokens of service accounts with it. */
    private void writeKeys() throws IOException {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            var key = generator.generateKeyPair().getPrivate().getEncoded();
            Files.writeString(
                    file("accounts.key"),
                    "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                            + "\n-----END PRIVATE KEY-----\n");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private static List<Integer> freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        for (var i = 0; i < count; i++) {
            sockets.add(new ServerSocket(0));
        }
        var ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
        for (var socket : sockets) {
            socket.close();
        }
        return ports;
    }

    @Override
    public void close() {
        stopProcesses();
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException e) {
            // the JVM is going down already and runs the hook itself
        }
    }

    /** The last started is stopped first: an API server without etcd would wait for it. */
    private void stopProcesses() {
        ApiServer.stop(running);
    }
}
