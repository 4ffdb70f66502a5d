package dev.corral.testing;

import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A real etcd and kube-apiserver on loopback, for one test class. There are no controllers and no nodes: nothing fills in service accounts,
 * aggregates roles ({@code view} and {@code edit} are empty), collects
 * garbage or runs pods. All state lies in a temporary directory that {@link #close()} removes.
 *
 * <pre>{@code
 * @AutoClose
 * static final ApiServer API = ApiServer.start(ApiServer.Authorization.RBAC);
 * }</pre>
 */
public final class ApiServer implements AutoCloseable {
    /** Who may do what: everyone everything, or what roles say (the admin is in {@code system:masters} either way). */
    public enum Authorization {
        AlwaysAllow,
        RBAC
    }

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String FIELD_MANAGER = "corral-test";

    private final Path directory;
    private final String token = UUID.randomUUID().toString();
    private final Deque<Process> processes = new ArrayDeque<>();
    private final List<KubernetesClient> clients = new ArrayList<>();
    private final Thread lastResort = new Thread(this::leaveNothing);
    private final int port;

    private ApiServer(Authorization authorization) throws IOException, GeneralSecurityException {
        var etcd = ClusterPrograms.find("etcd");
        var apiServer = ClusterPrograms.find("kube-apiserver");
        directory = Files.createTempDirectory("corral-api-");
        Runtime.getRuntime().addShutdownHook(lastResort);
        var ports = freePorts(3);
        port = ports.get(2);
        startEtcd(etcd, ports.get(0), ports.get(1));
        startApiServer(apiServer, ports.get(0), authorization);
    }

    public static ApiServer start() {
        return start(Authorization.AlwaysAllow);
    }

    /** Answers when the server is ready. */
    public static ApiServer start(Authorization authorization) {
        try {
            var server = new ApiServer(authorization);
            try {
                server.awaitReady();
            } catch (RuntimeException e) {
                server.close();
                throw e;
            }
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public String url() {
        return "https://127.0.0.1:" + port;
    }

    /** Bearer token of the admin. */
    public String token() {
        return token;
    }

    /** PEM file with the server's certificate. */
    public Path certificate() {
        return directory.resolve("certs/apiserver.crt");
    }

    /** The admin's view; a fresh object each time, to be changed freely. */
    public Config config() {
        var config = Config.empty();
        config.setMasterUrl(url());
        config.setOauthToken(token);
        config.setCaCertFile(certificate().toString());
        config.setNamespace("default");
        config.setHttp2Disable(true);
        return config;
    }

    /** A client of the admin; closed with the server. */
    public KubernetesClient client() {
        return open(config());
    }

    /** A client that acts as somebody else, for example {@code system:serviceaccount:corral:controller}; closed with the server. */
    public KubernetesClient clientAs(String user, String... groups) {
        var config = config();
        config.setImpersonateUsername(user);
        config.setImpersonateGroups(groups);
        return open(config);
    }

    /** Writes a kubeconfig of the admin, for programs that want a file. */
    public Path kubeconfig() {
        var file = directory.resolve("kubeconfig");
        var config = new ConfigBuilder()
                .addNewCluster()
                .withName("test")
                .withNewCluster()
                .withServer(url())
                .withCertificateAuthority(certificate().toString())
                .endCluster()
                .endCluster()
                .addNewUser()
                .withName("admin")
                .withNewUser()
                .withToken(token)
                .endUser()
                .endUser()
                .addNewContext()
                .withName("test")
                .withNewContext()
                .withCluster("test")
                .withUser("admin")
                .endContext()
                .endContext()
                .withCurrentContext("test")
                .build();
        try {
            return Files.writeString(file, Serialization.asYaml(config));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A namespace with the {@code default} service account that a controller would make. */
    public void createNamespace(String name) {
        var client = client();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        client.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("default")
                        .withNamespace(name)
                        .endMetadata()
                        .build())
                .create();
    }

    /** Serves the kinds of this repository; the tests of any module run in its folder. */
    public void serveKinds() {
        applyAll(Path.of(System.getProperty("basedir", "")).resolve("../crds").normalize());
    }

    /** Applies every {@code *.yaml} of a directory (server-side) and waits until the definitions among them are served. */
    public void applyAll(Path manifests) {
        try (var files = Files.newDirectoryStream(manifests, "*.yaml")) {
            for (var file : files) {
                apply(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void apply(Path manifest) throws IOException {
        var client = client();
        try (var content = Files.newInputStream(manifest)) {
            for (var applied : client.load(content).items()) {
                client.resource(applied)
                        .fieldManager(FIELD_MANAGER)
                        .forceConflicts()
                        .serverSideApply();
                if (applied instanceof CustomResourceDefinition definition) {
                    client.resource(definition)
                            .waitUntilCondition(ApiServer::isServed, PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
            }
        }
    }

    private static boolean isServed(CustomResourceDefinition definition) {
        return definition != null
                && definition.getStatus() != null
                // for a moment after the create there is a status without any
                && definition.getStatus().getConditions() != null
                && definition.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }

    @Override
    public void close() {
        clients.forEach(KubernetesClient::close);
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException e) {
            return; // the JVM is going down already and runs the hook itself
        }
        leaveNothing();
    }

    private void leaveNothing() {
        stopProcesses();
        try (var files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KubernetesClient open(Config config) {
        var client = new KubernetesClientBuilder().withConfig(config).build();
        synchronized (clients) {
            clients.add(client);
        }
        return client;
    }

    private void startEtcd(Path program, int clientPort, int peerPort) throws IOException {
        var client = "http://127.0.0.1:" + clientPort;
        var peer = "http://127.0.0.1:" + peerPort;
        run(
                program,
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer,
                // durability is worth nothing here and costs most of the time
                "--unsafe-no-fsync");
    }

    private void startApiServer(Path program, int etcdPort, Authorization authorization)
            throws IOException, GeneralSecurityException {
        var tokens = Files.writeString(directory.resolve("tokens.csv"), token + ",admin,admin,\"system:masters\"\n");
        var keys = newKeys();
        var signing = Files.writeString(
                directory.resolve("sa.key"),
                pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        var verifying = Files.writeString(
                directory.resolve("sa.pub"), pem("PUBLIC KEY", keys.getPublic().getEncoded()));
        run(
                program,
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + directory.resolve("certs"),
                "--token-auth-file=" + tokens,
                "--authorization-mode=" + authorization,
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + verifying,
                "--service-account-signing-key-file=" + signing,
                "--service-cluster-ip-range=10.96.0.0/24",
                // a loopback address may not be an endpoint, and nobody looks for one
                "--endpoint-reconciler-type=none");
    }

    private void run(Path program, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        processes.push(new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(logOf(program).toFile())
                .start());
    }

    private Path logOf(Path program) {
        return directory.resolve(program.getFileName() + ".log");
    }

    private void awaitReady() {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            if (!processes.stream().allMatch(Process::isAlive)) {
                throw new IllegalStateException("etcd or kube-apiserver ended at once:\n" + lastWords());
            }
            if (isReady()) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "kube-apiserver is not ready after " + PATIENCE.toSeconds() + " s:\n" + lastWords());
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private boolean isReady() {
        if (!Files.exists(certificate())) {
            return false;
        }
        var config = config();
        config.setRequestRetryBackoffLimit(0);
        try (var probe = new KubernetesClientBuilder().withConfig(config).build()) {
            return "ok".equals(probe.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private String lastWords() {
        var words = new StringBuilder();
        try (var logs = Files.newDirectoryStream(directory, "*.log")) {
            for (var log : logs) {
                var lines = Files.readAllLines(log);
                words.append(log.getFileName()).append(":\n");
                lines.subList(Math.max(0, lines.size() - 10), lines.size())
                        .forEach(line -> words.append("  ").append(line).append('\n'));
            }
        } catch (IOException e) {
            words.append(e.getMessage());
        }
        return words.toString();
    }

    /** The last started is stopped first: an API server without etcd would wait for it. */
    private void stopProcesses() {
        stop(processes);
    }

    /** One after the other; whoever does not end in five seconds is made to. */
    public static void stop(Iterable<Process> running) {
        for (var process : running) {
            process.destroy();
            try {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (var i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (var socket : sockets) {
                socket.close();
            }
        }
    }

    private static KeyPair newKeys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static String pem(String type, byte[] content) {
        var lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n";
    }
}
