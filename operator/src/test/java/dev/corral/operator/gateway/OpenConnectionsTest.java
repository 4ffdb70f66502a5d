package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OpenConnectionsTest {
    private static final InetAddress CROWD = InetAddress.ofLiteral("10.0.0.1");
    private static final InetAddress FEW = InetAddress.ofLiteral("10.0.0.2");
    private static final InetAddress ONE = InetAddress.ofLiteral("10.0.0.3");

    private final OpenConnections<String> port = new OpenConnections<>(4, 6);

    @Test
    void anAddressHasSoManyAndNoMore() {
        enter(CROWD, "crowd", 4);

        assertThat(port.enter(CROWD, "crowd 5")).contains("crowd 5");

        port.leave(CROWD, "crowd 2");
        assertThat(port.enter(CROWD, "crowd 6")).isEmpty();
    }

    @Test
    void whoeverHasMostGivesTheLastItGotToWhoHasLess() {
        enter(CROWD, "crowd", 4);
        enter(FEW, "few", 2);

        assertThat(port.enter(ONE, "one 1")).contains("crowd 4");
        assertThat(port.enter(ONE, "one 2"))
                .as("and not less than it has itself then")
                .contains("crowd 3");
        assertThat(port.enter(ONE, "one 3")).contains("one 3");
        assertThat(port.enter(CROWD, "crowd 5")).contains("crowd 5");
    }

    @Test
    void whoHadToGoLeavesNoRoomWhenItIsGone() {
        enter(CROWD, "crowd", 4);
        enter(FEW, "few", 2);
        port.enter(ONE, "one 1");

        port.leave(CROWD, "crowd 4");
        assertThat(port.enter(FEW, "few 3")).as("it was the last place").contains("few 3");

        port.leave(CROWD, "crowd 1");
        assertThat(port.enter(FEW, "few 4")).isEmpty();
    }

    private void enter(InetAddress from, String name, int times) {
        IntStream.rangeClosed(1, times)
                .forEach(i -> assertThat(port.enter(from, name + " " + i)).isEmpty());
    }
}
