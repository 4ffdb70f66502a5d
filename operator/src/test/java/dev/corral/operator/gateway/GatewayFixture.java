package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.tls.CertificateAuthority;
import dev.corral.operator.tls.Material;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** A gateway on real sockets with real TLS, a fake cluster behind it, and a launcher's hand to speak with. */
final class GatewayFixture implements AutoCloseable {
    static final int BYTES_PER_RUN = 8_000_000;
    /** At the readers' port: all that one address may have. */
    private static final int CONNECTIONS = ConnectionLimit.PER_ADDRESS;

    static final Material MATERIAL =
            new CertificateAuthority("corral", new SecureRandom()).renew(Material.Existing.nothing(), Instant.now());

    final FakeCluster cluster = new FakeCluster();
    final MovableClock clock = new MovableClock();
    final HttpClient http = HttpClient.newBuilder()
            .sslContext(trusting(MATERIAL.bundle()))
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final Path directory;
    private final GatewayConfig config;
    /** How often a gateway would have ended by itself. */
    final AtomicInteger outlived = new AtomicInteger();

    GatewayServer server;

    GatewayFixture(Path directory) throws Exception {
        this(directory, Duration.ofSeconds(20), Duration.ofSeconds(20));
    }

    /** Answers long polls at once and loses patience at once. */
    static GatewayFixture impatient(Path directory) throws Exception {
        return new GatewayFixture(directory, Duration.ofMillis(50), Duration.ofMillis(500));
    }

    private GatewayFixture(Path directory, Duration poll, Duration bodyTime) throws Exception {
        this.directory = directory;
        this.config = new GatewayConfig(
                "127.0.0.1",
                0,
                0,
                0,
                0,
                CONNECTIONS,
                poll,
                bodyTime,
                Duration.ofSeconds(30),
                Duration.ofHours(1),
                Duration.ofHours(1),
                "corral-gateway-0",
                new Egress(
                        this::resolve,
                        // loopback is the outside world here
                        new PublicAddresses(new AlwaysExcepted(List.of(CidrBlock.of("169.254.0.0/16"))), List.of()),
                        4,
                        8,
                        100,
                        BYTES_PER_RUN,
                        Duration.ofSeconds(5),
                        Duration.ofMillis(20)));
        cluster.material = Optional.of(serving(MATERIAL));
        server = start();
        // most tests are not about the first half minute
        clock.advance(Duration.ofMinutes(1));
    }

    static ServingMaterial serving(Material material) {
        return new ServingMaterial(
                material.serving().certificate(),
                material.serving().key(),
                HexFormat.of().parseHex(material.sessionKey()));
    }

    ArtifactStore store() throws IOException {
        return new ArtifactStore(directory, 10_000_000, clock);
    }

    /** The process dies and another one starts: nothing survives but the cluster, the Secrets and the store's directory. */
    void restart() throws Exception {
        restartJustNow();
        clock.advance(Duration.ofMinutes(1));
    }

    void restartJustNow() throws Exception {
        server.close();
        cluster.forgetListeners();
        server = start();
    }

    /** The answers a name gives, one lookup after the other; the last one stays. */
    final Map<String, Deque<InetAddress>> names = new ConcurrentHashMap<>();

    /** Names whose server does not answer, in the order in which they were asked for. */
    final Queue<String> silent = new ConcurrentLinkedQueue<>();

    private List<InetAddress> resolve(String name) throws UnknownHostException {
        if (name.startsWith("silent-")) {
            silent.add(name);
            while (!Thread.interrupted()) {
                LockSupport.park();
            }
        }
        var answers = names.get(name);
        if (answers == null) {
            throw new UnknownHostException(name);
        }
        return List.of(answers.size() > 1 ? answers.removeFirst() : answers.getFirst());
    }

    private GatewayServer start() throws Exception {
        var started = new GatewayServer(config, cluster, store(), clock, new Random(), outlived::incrementAndGet);
        started.start();
        return started;
    }

    /** A plugin pod with a token bound to it. */
    Launcher launcher(String podName) {
        var pod = Fixtures.pod(podName);
        cluster.put(pod);
        cluster.tokens.put("corral-gateway token-" + podName, podCaller(pod));
        return new Launcher(pod);
    }

    static Caller podCaller(Pod pod) {
        return new Caller(
                "system:serviceaccount:team-a:corral-plugin",
                "u",
                List.of(),
                Map.of(
                        "authentication.kubernetes.io/pod-name",
                        List.of(pod.getMetadata().getName()),
                        "authentication.kubernetes.io/pod-uid",
                        List.of(pod.getMetadata().getUid())));
    }

    /** Claims the execution for the launcher's session, as the controller does, and shows it to the gateway. */
    PluginExecution claim(PluginExecution execution, Launcher launcher, int attempt) {
        return claim(execution, launcher, attempt, Fixtures.ASSIGNMENT);
    }

    PluginExecution claim(PluginExecution execution, Launcher launcher, int attempt, DecidedAssignment assignment) {
        cluster.put(Fixtures.with(
                execution, status -> Fixtures.claim(status, attempt, launcher.uid(), launcher.session, assignment)));
        return execution;
    }

    /** What the status of the execution says of this launcher's run. */
    RunReport report(PluginExecution execution, Launcher launcher) {
        return BoundRun.of(cluster.now(execution), new SessionId(launcher.uid(), launcher.session))
                .flatMap(BoundRun::report)
                .orElseThrow();
    }

    Answer call(String method, String path, String authorization, String body) {
        return call(server.launcherPort(), method, path, authorization, body.getBytes(StandardCharsets.UTF_8));
    }

    Answer call(int port, String method, String path, String authorization, byte[] body) {
        return later(port, method, path, authorization, body).join();
    }

    CompletableFuture<Answer> later(int port, String method, String path, String authorization, byte[] body) {
        var request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        if (!worksOn.isEmpty()) {
            request.header("Corral-Execution", worksOn);
        }
        return http.sendAsync(request.build(), BodyHandlers.ofByteArray()).thenApply(Answer::new);
    }

    /** What the launchers say they work on; empty: they do not say. */
    String worksOn = "";

    @Override
    public void close() {
        server.close();
        http.close();
    }

    /** One launcher: its pod, and its session once it has one. */
    final class Launcher {
        final Pod pod;
        String session = "";
        String authorization = "";

        Launcher(Pod pod) {
            this.pod = pod;
        }

        String uid() {
            return pod.getMetadata().getUid();
        }

        Answer open() {
            var answer = call(
                    "POST", "/v1/session", "Bearer token-" + pod.getMetadata().getName(), "{\"launcher\":\"0.1.0\"}");
            if (answer.status() == 201) {
                session = answer.json().path("session").asText();
                authorization = "Corral " + answer.json().path("podUID").asText() + "/" + session + "/"
                        + answer.json().path("key").asText();
            }
            return answer;
        }

        Launcher opened() {
            var answer = open();
            if (answer.status() != 201) {
                throw new AssertionError(answer.toString());
            }
            return this;
        }

        Answer ask(String method, String path, String body) {
            return call(method, path, authorization, body.replace('\'', '"'));
        }

        Answer get(String path) {
            return ask("GET", path, "");
        }

        CompletableFuture<Answer> laterGet(String path) {
            return later(server.launcherPort(), "GET", path, authorization, new byte[0]);
        }

        Answer put(String artifact, byte[] bytes) {
            return call(server.launcherPort(), "PUT", "/v1/artifacts/" + artifact, authorization, bytes);
        }
    }

    /** What came back. */
    record Answer(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        JsonNode json() {
            return Json.parse(response.body()).orElseThrow(() -> new AssertionError(toString()));
        }

        String code() {
            return json().path("code").asText();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        @Override
        public String toString() {
            return status() + " " + text();
        }
    }

    /** Trusts these authorities for the name corral-gateway, whatever address it was reached at: as a launcher does. */
    static SSLContext trusting(String bundle) {
        try {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            var certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bundle.getBytes(StandardCharsets.US_ASCII)));
            for (var certificate : certificates) {
                store.setCertificateEntry("ca" + store.size(), certificate);
            }
            var factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(
                    null, new TrustManager[] {new NamedTrust((X509TrustManager) factory.getTrustManagers()[0])}, null);
            return context;
        } catch (GeneralSecurityException | IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static final class NamedTrust extends X509ExtendedTrustManager {
        private final X509TrustManager trust;

        NamedTrust(X509TrustManager trust) {
            this.trust = trust;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            trust.checkServerTrusted(chain, authType);
            if (chain[0].getSubjectAlternativeNames().stream().noneMatch(name -> name.contains("corral-gateway"))) {
                throw new CertificateException("not for corral-gateway");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            checkServerTrusted(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            throw new CertificateException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return trust.getAcceptedIssuers();
        }
    }
}
