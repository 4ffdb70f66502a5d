package dev.corral.operator.gateway;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.policy.AlwaysExcepted;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which addresses a granted name may lead to: whoever owns the name chooses its address. What no grant opens is never one of them;
 * private ranges only where the installation names them.
 */
public record PublicAddresses(AlwaysExcepted never, List<CidrBlock> allowedPrivate) {
    private static final List<CidrBlock> PRIVATE = List.of(
            CidrBlock.of("10.0.0.0/8"),
            CidrBlock.of("100.64.0.0/10"),
            CidrBlock.of("172.16.0.0/12"),
            CidrBlock.of("192.0.0.0/24"),
            CidrBlock.of("192.168.0.0/16"),
            CidrBlock.of("198.18.0.0/15"),
            CidrBlock.of("240.0.0.0/4"),
            // all that is not 2000::/3, from which alone public addresses are given: private, site-local and segment
            // routing's among it
            CidrBlock.of("::/3"),
            CidrBlock.of("4000::/2"),
            CidrBlock.of("8000::/1"),
            // Teredo carries IPv4
            CidrBlock.of("2001::/32"));

    public PublicAddresses {
        allowedPrivate = List.copyOf(allowedPrivate);
    }

    public static PublicAddresses outside(Collection<CidrBlock> clusterRanges, Collection<CidrBlock> allowedPrivate) {
        return new PublicAddresses(AlwaysExcepted.with(clusterRanges), List.copyOf(allowedPrivate));
    }

    /** The blocks no name leads to where nothing is allowed besides, sorted and without repetition. */
    public List<CidrBlock> refused() {
        return new AlwaysExcepted(
                        Stream.concat(never.blocks().stream(), PRIVATE.stream()).toList())
                .blocks();
    }

    /** An IPv4-mapped address is the IPv4 address it holds: Java makes it one when it reads it. */
    boolean contain(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        CidrBlock one = CidrBlock.of(
                (zone < 0 ? text : text.substring(0, zone)) + (address instanceof Inet4Address ? "/32" : "/128"));
        return never.blocks().stream().noneMatch(block -> block.contains(one))
                && (PRIVATE.stream().noneMatch(block -> block.contains(one))
                        || allowedPrivate.stream().anyMatch(block -> block.contains(one)));
    }
}
