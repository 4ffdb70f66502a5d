package dev.corral.operator.gateway;

import dev.corral.operator.permission.CidrBlock;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * How granted host names are reached. {@code bytesPerRun} counts both directions of all tunnels of a run, {@code burst} how many it may open at once; {@code patience} is for
 * resolving, for connecting and for the first bytes of a client, each.
 */
public record Egress(
        Names names,
        PublicAddresses addresses,
        int tunnelsPerRun,
        int tunnels,
        int burst,
        long bytesPerRun,
        Duration patience,
        Duration cutEvery) {

    /** One connection of a run more, once it has used its burst. */
    static final Duration PACE = Duration.ofMillis(20);

    /** A connection on which nothing moves for so long is closed. */
    static final Duration QUIET = Duration.ofMinutes(10);

    /** Resolves an absolute name, once per tunnel: what it answers is what is connected to. */
    public interface Names {
        List<InetAddress> of(String name) throws UnknownHostException;
    }

    /** What a deployed gateway uses: the resolver its own pod has. */
    public static Egress standard(Collection<CidrBlock> clusterRanges, Collection<CidrBlock> allowedPrivate) {
        return new Egress(
                // the dot at the end keeps the pod's search domains out of it
                name -> List.of(InetAddress.getAllByName(name + ".")),
                PublicAddresses.outside(clusterRanges, allowedPrivate),
                32,
                1024,
                100,
                4L << 30,
                Duration.ofSeconds(10),
                Duration.ofSeconds(1));
    }
}
