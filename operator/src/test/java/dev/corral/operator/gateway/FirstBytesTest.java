package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.HostPattern;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirstBytesTest {
    private final AtomicInteger readings = new AtomicInteger();
    private final FirstBytes.Pieces pieces = new FirstBytes.Pieces(bytes -> {
        readings.incrementAndGet();
        return FirstBytes.read(bytes);
    });

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
            assertThat(FirstBytes.read(Arrays.copyOf(hello, length))).isInstanceOf(FirstBytes.More.class);
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
        assertThat(FirstBytes.read(Arrays.copyOf(endless, 1000))).isInstanceOf(FirstBytes.More.class);
        assertThat(FirstBytes.read(endless)).isInstanceOf(FirstBytes.Unreadable.class);
    }

    static Stream<byte[]> helloAndRequests() {
        var hello = hello("api.example.org");
        var records = ByteBuffer.allocate(6 * (hello.length - 5));
        for (var at = 5; at < hello.length; at++) {
            records.put(new byte[] {0x16, 3, 1, 0, 1, hello[at]});
        }
        return Stream.of(
                hello,
                records.array(),
                bytes("GET / HTTP/1.1|Host: api.example.org||"),
                bytes("GET / HTTP/1.1|" + "a: b|".repeat(2000) + "Host: api.example.org||"));
    }

    @ParameterizedTest
    @MethodSource("helloAndRequests")
    void whatComesByteByByteIsReadAFewTimesAndKnownWithItsLast(byte[] all) {
        for (var i = 0; i < all.length - 1; i++) {
            assertThat(say(all[i])).isInstanceOf(FirstBytes.More.class);
        }
        assertThat(say(all[all.length - 1]))
                .isEqualTo(FirstBytes.read(all))
                .isNotInstanceOfAny(FirstBytes.More.class, FirstBytes.Unreadable.class);
        assertThat(readings).hasValueLessThan(100);
    }

    @ParameterizedTest
    @MethodSource("helloAndRequests")
    void whatComesInTwoPiecesIsKnownWithTheSecond(byte[] all) {
        for (var split = 1; split < all.length; split += 1 + split / 100) {
            var pieces = new FirstBytes.Pieces(FirstBytes::read);
            pieces.and(Buffer.buffer(Arrays.copyOf(all, split)));
            assertThat(pieces.and(Buffer.buffer(Arrays.copyOfRange(all, split, all.length))))
                    .isEqualTo(FirstBytes.read(all));
        }
    }

    static Stream<byte[]> endless() {
        return Stream.of(
                        "GET / HTTP/1.1|a|",
                        "GET / HTTP/1.1|",
                        "\u0016\u0003\u0001\u0000\u0004\u0001\u0000\u003f\u00f0")
                .flatMap(beginning -> Stream.of("a", "\n", "a|", "||", "\u0016\u0003\u0001\u0000\u0001\u0000")
                        .map(more -> bytes(beginning + more.repeat(FirstBytes.MOST / more.length()))));
    }

    /** Each byte that ends a line, a head or a record could have been worth a reading. */
    @ParameterizedTest
    @MethodSource("endless")
    void whatNamesNobodyByteByByteIsReadAFewTimes(byte[] all) {
        for (var one : all) {
            say(one);
        }
        assertThat(say((byte) 'x')).isInstanceOf(FirstBytes.Unreadable.class);
        assertThat(readings).hasValueLessThan(100);
    }

    private FirstBytes say(byte one) {
        return pieces.and(Buffer.buffer(new byte[] {one}));
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
