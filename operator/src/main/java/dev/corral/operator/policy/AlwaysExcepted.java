package dev.corral.operator.policy;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.HostPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What no grant opens, whoever writes it: address blocks that every cluster must keep shut, and the cluster's own pod, service and node
 * ranges; and all host names, where {@code hosts} says that this installation's gateway does not connect to the outside.
 */
public record AlwaysExcepted(List<CidrBlock> blocks, boolean hosts) {
    private static final List<CidrBlock> BUILT_IN = List.of(
            CidrBlock.of("0.0.0.0/8"),
            CidrBlock.of("127.0.0.0/8"),
            // link-local with the metadata services of most clouds
            CidrBlock.of("169.254.0.0/16"),
            CidrBlock.of("224.0.0.0/4"),
            // metadata and host services of Alibaba and Azure
            CidrBlock.of("100.100.100.200/32"),
            CidrBlock.of("168.63.129.16/32"),
            // protocol assignments (RFC 6890), and in the midst of them metadata on Oracle's older cloud
            CidrBlock.of("192.0.0.0/24"),
            CidrBlock.of("::/128"),
            CidrBlock.of("::1/128"),
            CidrBlock.of("fe80::/10"),
            CidrBlock.of("ff00::/8"),
            // metadata on AWS, Google, Oracle, Scaleway, Linode, Alibaba: unique local addresses, so no block has them
            // all
            CidrBlock.of("fd00:ec2::/32"),
            CidrBlock.of("fd20:ce::254/128"),
            CidrBlock.of("fd00:c1::a9fe:a9fe/128"),
            CidrBlock.of("fd00:42::42/128"),
            CidrBlock.of("fd00:a9fe:a9fe::1/128"),
            CidrBlock.of("fd00:100::100:200/128"),
            // NAT64 and 6to4 carry IPv4 addresses inside, past every IPv4 rule
            CidrBlock.of("64:ff9b::/96"),
            CidrBlock.of("64:ff9b:1::/48"),
            CidrBlock.of("2002::/16"));

    public AlwaysExcepted {
        blocks = outermost(blocks);
    }

    public AlwaysExcepted(List<CidrBlock> blocks) {
        this(blocks, false);
    }

    /** The same where no host names are reached. */
    public AlwaysExcepted andHosts() {
        return new AlwaysExcepted(blocks, true);
    }

    /** The built-in blocks and the cluster's own. */
    public static AlwaysExcepted with(Collection<CidrBlock> ownRanges) {
        List<CidrBlock> all = new ArrayList<>(BUILT_IN);
        all.addAll(ownRanges);
        return new AlwaysExcepted(all);
    }

    /** Whether nothing of the item can ever be opened. */
    boolean covers(Grantable item) {
        return hosts && item instanceof HostPattern
                || item instanceof CidrGrant(CidrBlock block, var ports)
                        && blocks.stream().anyMatch(range -> range.contains(block));
    }

    /** Sorted, without blocks that lie inside another. */
    static List<CidrBlock> outermost(Collection<CidrBlock> blocks) {
        List<CidrBlock> kept = new ArrayList<>();
        blocks.stream().sorted().forEach(block -> {
            if (kept.stream().noneMatch(outer -> outer.contains(block))) {
                kept.add(block);
            }
        });
        return List.copyOf(kept);
    }
}
