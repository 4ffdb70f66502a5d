package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corral.operator.tls.CertificateAuthority;
import dev.corral.operator.tls.Material;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real handshakes with the bundle of each generation of pods, while one authority takes over from another. */
class RotationTest {
    private static final String REQUEST = "GET /v1/nothing HTTP/1.1\r\nHost: corral-gateway\r\n\r\n";

    @TempDir
    Path directory;

    @Test
    void everyPodThatLivesTrustsWhatIsServedAndOpenConnectionsStay() throws Exception {
        // the first authority was made so long ago that 65 days are left to it today
        var today = Instant.now();
        var authority = new CertificateAuthority("corral", new SecureRandom());
        var born = today.minus(Duration.ofDays(665));
        var alone = authority.renew(Material.Existing.nothing(), born);
        var before = authority.renew(existing(alone), today);
        var joined = authority.renew(existing(before), today.plus(Duration.ofDays(10)));
        var signing = authority.renew(existing(joined), today.plus(Duration.ofDays(41)));
        var left = authority.renew(existing(signing), today.plus(Duration.ofDays(70)));
        assertThat(before.authorities()).hasSize(1);
        assertThat(joined.authorities()).hasSize(2);
        assertThat(left.authorities()).hasSize(1);

        try (var gateway = new GatewayFixture(directory)) {
            gateway.cluster.material = Optional.of(GatewayFixture.serving(before));
            gateway.restart();
            assertThat(issuer(gateway, before))
                    .isEqualTo(before.authorities().getFirst().certificate());
            serve(gateway, joined);
            issuer(gateway, before);
            issuer(gateway, joined);
            try (var open = connect(gateway, joined)) {
                assertThat(ask(open)).isEqualTo("HTTP/1.1 404 Not Found");
                assertThat(open.getSession().getCipherSuite())
                        .as("the gateway's choice: its client, this one as much as Go's, would take AES")
                        .isEqualTo("TLS_CHACHA20_POLY1305_SHA256");

                serve(gateway, backdated(signing, today));

                assertThat(ask(open)).as("the connection of before").isEqualTo("HTTP/1.1 404 Not Found");
            }
            issuer(gateway, joined);
            issuer(gateway, signing);
            issuer(gateway, left);
            assertThatThrownBy(() -> issuer(gateway, before)).isInstanceOf(SSLHandshakeException.class);
        }
    }

    /** A key that was stolen is deleted; whoever has it would pass for any launcher until the gateway knows the next one. */
    @Test
    void aGatewayDoesNotOutliveTheSessionKey() throws Exception {
        var key = "0f".repeat(32);
        var rekeyed = new Material(GatewayFixture.MATERIAL.authorities(), GatewayFixture.MATERIAL.serving(), key);
        try (var gateway = new GatewayFixture(directory)) {
            var launcher = gateway.launcher("pod-1").opened();
            gateway.cluster.material = Optional.empty(); // deleted, and the controller has not looked yet
            gateway.server.reload();
            serve(gateway, GatewayFixture.MATERIAL);
            assertThat(gateway.outlived).hasValue(0);

            serve(gateway, rekeyed);

            assertThat(gateway.outlived).hasValue(1);
            gateway.restart();
            assertThat(launcher.get("/v1/assignment").code()).isEqualTo("BadSession");
        }
    }

    /** Signed by the new authority of a future day, but valid today: the handshakes of this test happen now. */
    private static Material backdated(Material signing, Instant today) {
        var successor = signing.authorities().getLast();
        var authority = new CertificateAuthority("corral", new SecureRandom());
        var successorOnly = authority.renew(
                new Material.Existing(List.of(successor), Optional.empty(), Optional.of(signing.sessionKey())), today);
        return new Material(signing.authorities(), successorOnly.serving(), signing.sessionKey());
    }

    private static Material.Existing existing(Material material) {
        return Material.read(material.caSecret(), material.servingSecret(), material.sessionSecret());
    }

    private static void serve(GatewayFixture gateway, Material material) {
        gateway.cluster.material = Optional.of(GatewayFixture.serving(material));
        gateway.server.reload();
    }

    private static String issuer(GatewayFixture gateway, Material pod) throws IOException {
        try (var socket = connect(gateway, pod)) {
            var served = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return pod.authorities().stream()
                    .map(known -> known.certificate())
                    .filter(known -> signs(known, served))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean signs(String authority, X509Certificate served) {
        try {
            var certificate = CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII)));
            served.verify(certificate.getPublicKey());
            return true;
        } catch (GeneralSecurityException another) {
            return false;
        }
    }

    private static SSLSocket connect(GatewayFixture gateway, Material pod) throws IOException {
        var socket = (SSLSocket) GatewayFixture.trusting(pod.bundle())
                .getSocketFactory()
                .createSocket("127.0.0.1", gateway.server.launcherPort());
        socket.startHandshake();
        return socket;
    }

    private static String ask(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        var answer = new StringBuilder();
        // the answer's body is one JSON object: read to its end, so that the next answer starts clean
        for (var c = socket.getInputStream().read();
                c >= 0 && c != '}';
                c = socket.getInputStream().read()) {
            answer.append((char) c);
        }
        return answer.substring(0, answer.indexOf("\r\n"));
    }
}
