package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.HostPattern;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirstBytesTest {
    /** The ClientHello of Java's own TLS, with this name or without one. */
    static byte[] hello(String name) {
        try {
            var engine = SSLContext.getDefault().createSSLEngine();
            engine.setUseClientMode(true);
            var parameters = engine.getSSLParameters();
            parameters.setServerNames(name.isEmpty() ? List.of() : List.of(new SNIHostName(name)));
            engine.setSSLParameters(parameters);
            var out = ByteBuffer.allocate(32 * 1024);
            engine.wrap(ByteBuffer.allocate(0), out);
            return Arrays.copyOf(out.array(), out.position());
        } catch (NoSuchAlgorithmException | SSLException failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void aClientHelloIsReadHoweverItIsCutIntoPieces() {
        var hello = hello("api.example.org");
        for (var length = 0; length < hello.length; length++) {
            assertThat(FirstBytes.read(Arrays.copyOf(hello, length))).isEqualTo(new FirstBytes.More());
        }
        assertThat(FirstBytes.read(hello)).isEqualTo(new FirstBytes.Tls("api.example.org"));
    }

    @Test
    void aClientHelloInTwoRecordsIsOne() {
        var hello = hello("api.example.org");
        var split = 40;
        var two = ByteBuffer.allocate(hello.length + 5);
        two.put(new byte[] {0x16, 3, 1, 0, (byte) split}).put(hello, 5, split);
        var rest = hello.length - 5 - split;
        two.put(new byte[] {0x16, 3, 1, (byte) (rest >> 8), (byte) rest}).put(hello, 5 + split, rest);
        assertThat(FirstBytes.read(two.array())).isEqualTo(new FirstBytes.Tls("api.example.org"));
    }

    @Test
    void earlyDataBehindAClientHelloChangesNothing() {
        var hello = hello("api.example.org");
        var more = Arrays.copyOf(hello, hello.length + 6);
        System.arraycopy(new byte[] {0x14, 3, 3, 0, 1, 1}, 0, more, hello.length, 6);
        assertThat(FirstBytes.read(more)).isEqualTo(new FirstBytes.Tls("api.example.org"));
    }

    @Test
    void tlsWithoutANameIsUnreadable() {
        assertThat(FirstBytes.read(hello(""))).isInstanceOf(FirstBytes.Unreadable.class);
    }

    @ParameterizedTest
    @CsvSource({
        "'GET / HTTP/1.1|Host: api.example.org||', api.example.org",
        "'GET /a?b HTTP/1.1|hOsT:API.example.org.:8080|X: y||body', api.example.org",
        "'OPTIONS * HTTP/1.0|Host: a.example||', a.example",
    })
    void httpNamesItsHost(String text, String host) {
        assertThat(FirstBytes.read(bytes(text))).isEqualTo(new FirstBytes.Http(host));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.9|",
                "GET / HTTP/1.1||",
                "GET / HTTP/1.1|Host: a.example|Host: b.example||",
                "GET / HTTP/1.1|Host : a.example||",
                "GET http://b.example/ HTTP/1.1|Host: a.example||",
                "CONNECT b.example:443 HTTP/1.1|Host: a.example||",
                "PRI * HTTP/2.0||SM||",
                "EHLO me|",
                "\u0000\u0001\u0002",
            })
    void everythingElseIsUnreadable(String text) {
        assertThat(FirstBytes.read(bytes(text))).isInstanceOf(FirstBytes.Unreadable.class);
    }

    @Test
    void whatNamesNobodyIsNotHeldForever() {
        var endless = bytes("GET / HTTP/1.1|X: " + "y".repeat(FirstBytes.MOST));
        assertThat(FirstBytes.read(Arrays.copyOf(endless, 1000))).isEqualTo(new FirstBytes.More());
        assertThat(FirstBytes.read(endless)).isInstanceOf(FirstBytes.Unreadable.class);
    }

    @Test
    void noBytesMakeItThrow() {
        var random = new Random(4);
        var hello = hello("api.example.org");
        for (var i = 0; i < 20_000; i++) {
            var torn = hello.clone();
            for (var n = 0; n < 3; n++) {
                torn[random.nextInt(torn.length)] = (byte) random.nextInt();
            }
            assertThat(FirstBytes.read(torn)).isNotNull();
        }
    }

    @Test
    void onPort443OnlyTlsPassesAndOnlyForTheHostOfTheTunnel() {
        var https = HostPattern.parse("api.example.org:443", "").orElseThrow();
        var other = HostPattern.parse("api.example.org:8080", "").orElseThrow();
        var http = new FirstBytes.Http("api.example.org");
        var tls = new FirstBytes.Tls("api.example.org");
        assertThat(tls.objection(https)).isEmpty();
        assertThat(http.objection(https)).isPresent();
        assertThat(tls.objection(other)).isEmpty();
        assertThat(http.objection(other)).isEmpty();
        assertThat(new FirstBytes.Tls("evil.example.org").objection(https)).isPresent();
        assertThat(new FirstBytes.Http("evil.example.org").objection(other)).isPresent();
    }

    private static byte[] bytes(String text) {
        return text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
