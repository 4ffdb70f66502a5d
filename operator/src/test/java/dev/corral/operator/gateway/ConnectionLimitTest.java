package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionLimitTest {
    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private final List<Socket> crowd = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(directory);
        for (var i = 0; i < ConnectionLimit.PER_ADDRESS; i++) {
            crowd.add(connect("127.0.0.9", gateway.server.launcherPort()));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (var socket : crowd) {
            socket.close();
        }
        gateway.close();
    }

    @Test
    void whatIsTooMuchOfOneAddressIsClosedAtOnceAndTheOthersStay() throws Exception {
        try (var more = connect("127.0.0.9", gateway.server.launcherPort())) {
            assertThat(stays(more)).isFalse();
        }
        assertThat(stays(crowd.getFirst())).isTrue();
        assertThat(stays(crowd.getLast())).isTrue();
    }

    @Test
    void otherAddressesAndPortsAreServed() throws Exception {
        assertThat(gateway.launcher("pod-1").open().status()).isEqualTo(201);
        try (var elsewhere = connect("127.0.0.9", gateway.server.tunnelPort())) {
            assertThat(stays(elsewhere)).isTrue();
        }
    }

    @Test
    void aCrowdThatTakesAllThereIsKeepsOutNobodyWhoHasFewConnections() throws Exception {
        var first = connect("127.0.0.9", gateway.server.readerPort());
        crowd.add(first);
        for (var i = 1; i < ConnectionLimit.PER_ADDRESS; i++) {
            crowd.add(connect("127.0.0.9", gateway.server.readerPort()));
        }
        assertThat(stays(crowd.getLast())).as("there was room for all of them").isTrue();

        assertThat(gateway.call(gateway.server.readerPort(), "GET", "/", "", new byte[0])
                        .status())
                .isEqualTo(401);

        await("the last of the crowd made room").until(() -> !stays(crowd.getLast()));
        assertThat(stays(first)).isTrue();
    }

    @Test
    void allPortsTogetherLeaveSomeOfTheHeapWhateverTheyAreSent() {
        var heap = 230L << 20; // 45 % of the chart's 512Mi
        var room = ConnectionLimit.room(heap);

        assertThat(room).isEqualTo(736);
        assertThat((4 + 2 + 1) * room * (33L << 10)).isLessThan(heap - (50L << 20));
    }

    @Test
    void whoComesTooFastIsSlowedDownHoweverSoonItLeaves() throws Exception {
        for (var i = 0; i < Doorkeeper.CONNECTIONS_OF_ONE.burst(); i++) {
            connect("127.0.0.10", gateway.server.launcherPort()).close();
        }
        try (var next = connect("127.0.0.10", gateway.server.launcherPort())) {
            assertThat(stays(next)).isFalse();
        }
        await("the others are seen to have left").until(() -> {
            gateway.clock.advance(Duration.ofMillis(10));
            try (var later = connect("127.0.0.10", gateway.server.launcherPort())) {
                return stays(later);
            }
        });
    }

    @Test
    void whoeverLeavesMakesRoom() throws Exception {
        crowd.removeLast().close();
        await("there is room").until(() -> {
            var next = connect("127.0.0.9", gateway.server.launcherPort());
            crowd.add(next);
            return stays(next);
        });
    }

    private static Socket connect(String from, int port) throws IOException {
        return new Socket(InetAddress.ofLiteral("127.0.0.1"), port, InetAddress.ofLiteral(from), 0);
    }

    /** Whether nothing is heard of it for a moment; what is closed is heard of at once. */
    private static boolean stays(Socket socket) throws IOException {
        socket.setSoTimeout(100);
        return !heard(socket);
    }

    private static boolean heard(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException silence) {
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }
}
