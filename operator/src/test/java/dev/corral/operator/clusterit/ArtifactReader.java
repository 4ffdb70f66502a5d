package dev.corral.operator.clusterit;

import dev.corral.api.v1alpha1.ArtifactEndpoint;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Reads artifacts from the gateway, over a forwarded port and TLS for the name that its CorralCluster gives. */
final class ArtifactReader implements AutoCloseable {
    private final Team team;
    private final LocalPortForward forward;
    private final String host;
    private final SSLContext tls;

    record Answer(int code, String body) {}

    ArtifactReader(Team team) throws Exception {
        this(team, LocalCluster.SYSTEM);
    }

    /** From the gateway of the installation in that namespace. */
    ArtifactReader(Team team, String installation) throws Exception {
        this.team = team;
        forward = team.client()
                .services()
                .inNamespace(installation)
                .withName("corral-gateway")
                .portForward(9443);
        var endpoint = endpoint(team, installation);
        host = URI.create(endpoint.url()).getHost();
        var trust = KeyStore.getInstance(KeyStore.getDefaultType());
        trust.load(null, null);
        var certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(endpoint.trustBundle().getBytes(StandardCharsets.US_ASCII)));
        for (var certificate : certificates) {
            trust.setCertificateEntry("ca" + trust.size(), certificate);
        }
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trust);
        tls = SSLContext.getInstance("TLS");
        tls.init(null, managers.getTrustManagers(), null);
    }

    /** As everybody may read it. */
    private static ArtifactEndpoint endpoint(Team team, String installation) {
        try (var anybody = team.cluster().anybody()) {
            return anybody.resources(CorralCluster.class).list().getItems().stream()
                    .map(CorralCluster::getStatus)
                    .filter(status -> installation.equals(status.installation()))
                    .map(CorralClusterStatus::artifacts)
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A token of the team's service account of that name, made where it is absent. */
    String token(String account, String audience) {
        var accounts =
                team.client().serviceAccounts().inNamespace(team.namespace()).withName(account);
        if (accounts.get() == null) {
            team.apply("""
                    apiVersion: v1
                    kind: ServiceAccount
                    metadata: {name: %s, namespace: $NAMESPACE}
                    """.formatted(account));
        }
        return accounts.tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withAudiences(audience)
                        .withExpirationSeconds(600L)
                        .endSpec()
                        .build())
                .getStatus()
                .getToken();
    }

    void mayRead(String account) {
        team.apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: read-artifacts, namespace: $NAMESPACE}
                rules: [{apiGroups: [corral.dev], resources: [pluginexecutions/artifacts], verbs: [get]}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: read-artifacts, namespace: $NAMESPACE}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read-artifacts}
                subjects: [{kind: ServiceAccount, name: %s, namespace: $NAMESPACE}]
                """.formatted(account));
    }

    Answer get(String path, String token) throws IOException {
        try (var plain = new Socket(InetAddress.getLoopbackAddress(), forward.getLocalPort());
                var socket = (SSLSocket) tls.getSocketFactory().createSocket(plain, host, 9443, true)) {
            var parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            var authorization = token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n";
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + authorization
                                    + "\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            var body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            return new Answer(Integer.parseInt(answer.split(" ", 3)[1]), body);
        }
    }

    @Override
    public void close() throws IOException {
        forward.close();
    }
}
