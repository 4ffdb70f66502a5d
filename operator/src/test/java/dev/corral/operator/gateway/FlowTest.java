package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.buffer.impl.VertxByteBufAllocator;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlowTest {
    private static final int CLIENTS = 32;

    private final Vertx vertx = Vertx.vertx();
    private final List<Socket> unread = new ArrayList<>();
    private final List<Socket> clients = new ArrayList<>();

    /** The ends nobody reads from first: a sender that waits for room holds its socket. */
    @AfterEach
    void close() throws Exception {
        for (var end : unread) {
            end.close();
        }
        for (var client : clients) {
            client.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** Senders nobody listens to: what waits is theirs and the kernel's, and TLS keeps no more than it needs for a record. */
    @Test
    void whoeverIsNotListenedToTakesLittleOfTheGatewaysMemory() throws Exception {
        try (var deaf = new ServerSocket(0, CLIENTS, InetAddress.ofLiteral("127.0.0.1"))) {
            var server = between(deaf.getLocalPort());
            var sent = new AtomicLong();
            var before = direct();
            for (var i = 0; i < CLIENTS; i++) {
                var client = GatewayFixture.trusting(GatewayFixture.MATERIAL.bundle())
                        .getSocketFactory()
                        .createSocket("127.0.0.1", server.actualPort());
                clients.add(client);
                Thread.startVirtualThread(() -> send(client, sent));
                unread.add(deaf.accept());
            }

            for (var seen = -1L; seen < CLIENTS * 100_000L || seen < sent.get(); Thread.sleep(300)) {
                seen = sent.get();
            }

            assertThat(direct() - before).as("bytes for %d senders", CLIENTS).isLessThan(CLIENTS * 384L * 1024);
        }
    }

    private static void send(Socket client, AtomicLong sent) {
        var much = new byte[64 * 1024];
        try {
            while (true) {
                client.getOutputStream().write(much);
                sent.addAndGet(much.length);
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    /** As the gateway does: what has been read from by TLS is handed over, and both ends are of one event loop. */
    private NetServer between(int port) throws Exception {
        var options = new NetServerOptions()
                .setHost("127.0.0.1")
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(
                                Buffer.buffer(GatewayFixture.MATERIAL.serving().certificate()))
                        .addKeyValue(
                                Buffer.buffer(GatewayFixture.MATERIAL.serving().key())));
        var server = vertx.createNetServer(options).connectHandler(inside -> {
            Flow.held(inside);
            vertx.createNetClient().connect(port, "127.0.0.1").onSuccess(outside -> {
                Flow.held(outside);
                Flow.between(inside, outside, piece -> {});
                Flow.between(outside, inside, piece -> {});
                Flow.release(inside);
                Flow.release(outside);
            });
        });
        return server.listen().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    /** Taken by Netty from outside of the heap, in pieces of 4 MiB. */
    private static long direct() {
        return ((PooledByteBufAllocator) VertxByteBufAllocator.POOLED_ALLOCATOR)
                .metric()
                .usedDirectMemory();
    }
}
