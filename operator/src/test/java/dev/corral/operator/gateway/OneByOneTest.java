package dev.corral.operator.gateway;

import static io.netty.handler.codec.http.HttpVersion.HTTP_1_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OneByOneTest {
    private static final String REQUEST = "G / HTTP/1.1\r\n\r\n";

    private final EmbeddedChannel connection =
            new EmbeddedChannel(new HttpRequestDecoder(), new HttpResponseEncoder(), new OneByOne());

    @Test
    void aFloodOfRequestsIsClosedAtItsSecondAndOtherRequestsAreAnswered(@TempDir Path directory) throws Exception {
        try (var gateway = new GatewayFixture(directory)) {
            var floods = new ArrayList<Socket>();
            for (var port :
                    List.of(gateway.server.launcherPort(), gateway.server.tunnelPort(), gateway.server.readerPort())) {
                floods.add(GatewayFixture.trusting(GatewayFixture.MATERIAL.bundle())
                        .getSocketFactory()
                        .createSocket("127.0.0.1", port));
            }
            floods.forEach(flood -> Thread.startVirtualThread(() -> flood(flood, 20_000)));
            assertThat(gateway.launcher("pod-1").open().status()).isEqualTo(201);
            for (var flood : floods) {
                assertThat(Answers.of(flood)).isLessThan(2);
            }
        }
    }

    @Test
    void aRequestIsTakenWhenTheAnswerBeforeItIsSent() {
        for (var i = 0; i < 3; i++) {
            assertThat(taken(REQUEST)).isEqualTo(1);
            connection.writeOutbound(new DefaultFullHttpResponse(HTTP_1_1, HttpResponseStatus.OK));
        }
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void anAnswerThatIsNotReadIsNotSent() {
        assertThat(taken(REQUEST)).isEqualTo(1);
        connection.write(new DefaultFullHttpResponse(HTTP_1_1, HttpResponseStatus.OK)); // without a flush
        assertThat(taken(REQUEST)).isZero();
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void neitherTheBeginningOfAnAnswerNor100ContinueIsTheWholeOfIt() {
        assertThat(taken("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"))
                .isEqualTo(1);
        connection.writeOutbound(new DefaultFullHttpResponse(HTTP_1_1, HttpResponseStatus.CONTINUE));
        assertThat(taken("{}")).isZero();
        connection.writeOutbound(new DefaultHttpResponse(HTTP_1_1, HttpResponseStatus.OK));
        assertThat(connection.isOpen()).isTrue();
        assertThat(taken(REQUEST)).isZero();
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void ofWhatComesAtOnceOneIsTakenAndTheRestIsNotEvenRead() {
        var much = bytes("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}" + REQUEST.repeat(1000));
        connection.writeInbound(much);
        assertThat(requests()).isEqualTo(1);
        assertThat(connection.isOpen()).isFalse();
        assertThat(connection.pipeline().get(HttpRequestDecoder.class)).isNull();
        connection.writeOneInbound(bytes(REQUEST)); // what was under way
        assertThat(connection.inboundMessages()).isEmpty();
        assertThat(much.refCnt()).isZero();
    }

    @Test
    void aConnectionThatBecameATunnelCarriesWhatItIsGiven() {
        assertThat(taken("CONNECT a.example:443 HTTP/1.1\r\n\r\n")).isEqualTo(1);
        connection.writeOutbound(new DefaultHttpResponse(HTTP_1_1, HttpResponseStatus.OK));
        connection.releaseOutbound();
        connection.pipeline().remove(HttpRequestDecoder.class);
        connection.pipeline().remove(HttpResponseEncoder.class);
        connection.writeInbound(bytes(REQUEST));
        assertThat(((ByteBuf) connection.readInbound()).toString(US_ASCII)).isEqualTo(REQUEST);
        connection.writeOutbound(bytes("answer"));
        assertThat(((ByteBuf) connection.readOutbound()).toString(US_ASCII)).isEqualTo("answer");
    }

    /** How many requests of these bytes come through. */
    private int taken(String text) {
        connection.writeOneInbound(bytes(text));
        return requests();
    }

    private int requests() {
        var requests = 0;
        for (Object message = connection.readInbound(); message != null; message = connection.readInbound()) {
            requests += message instanceof HttpRequest ? 1 : 0;
            ReferenceCountUtil.release(message);
        }
        return requests;
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, US_ASCII);
    }

    private static void flood(Socket socket, int requests) {
        var some = REQUEST.repeat(100).getBytes(US_ASCII);
        try {
            for (var i = 0; i < requests; i += 100) {
                socket.getOutputStream().write(some);
            }
        } catch (IOException closed) {
            // as it should be
        }
    }
}
