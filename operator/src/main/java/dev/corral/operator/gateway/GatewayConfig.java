package dev.corral.operator.gateway;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.plan.Installation;
import java.time.Duration;
import java.util.Collection;

/**
 * Ports and patience of the gateway. {@code settle}: how long after a start an unknown session is told to ask again instead of being
 * told that nothing belongs to it, because the watch may lag behind the claim; {@code instance} names this process in Events; {@code connections}
 * is for how many there is room at the readers' port, and at the launchers' for four times as many, at the tunnels' for twice.
 */
public record GatewayConfig(
        String host,
        int launcherPort,
        int sentinelPort,
        int readerPort,
        int tunnelPort,
        int connections,
        Duration poll,
        Duration bodyTime,
        Duration settle,
        Duration sweepEvery,
        Duration reloadEvery,
        String instance,
        Egress egress) {

    /** What a deployed gateway uses. */
    public static GatewayConfig standard(
            String instance,
            int connections,
            Collection<CidrBlock> clusterRanges,
            Collection<CidrBlock> allowedPrivate) {
        return new GatewayConfig(
                "0.0.0.0",
                Installation.LAUNCHER_PORT,
                Installation.SENTINEL_PORT,
                Installation.READER_PORT,
                Installation.TUNNEL_PORT,
                connections,
                Duration.ofSeconds(24),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                instance,
                Egress.standard(clusterRanges, allowedPrivate));
    }
}
