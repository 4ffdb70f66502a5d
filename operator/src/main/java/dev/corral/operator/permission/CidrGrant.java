package dev.corral.operator.permission;

import java.util.function.BiFunction;

/** Addresses and ports of them, written {@code 203.0.113.0/24:443} or {@code 2001:db8::/32:8000-8100/udp}. */
public record CidrGrant(CidrBlock block, Ports ports) implements Grantable, Comparable<CidrGrant> {
    public static Parsed<CidrGrant> parse(String text, String path) {
        return parse(text, path, Ports::parse);
    }

    /** Addresses nobody may reach: without a protocol, by none. */
    public static Parsed<CidrGrant> parseDeny(String text, String path) {
        return parse(text, path, Ports::parseDeny);
    }

    private static Parsed<CidrGrant> parse(
            String text, String path, BiFunction<String, String, Parsed<Ports>> portsOf) {
        int slash = text.indexOf('/');
        // an IPv6 block has colons before its slash only, so the first one behind it starts the ports
        int colon = text.indexOf(':', Math.max(slash, 0));
        if (slash < 0) {
            return CidrBlock.parse(text, path).map(block -> new CidrGrant(block, Ports.all(Protocol.TCP)));
        }
        if (colon < 0) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text) + " names no port; write " + Text.quoted(text + ":443") + ", or :* for all");
        }
        return CidrBlock.parse(text.substring(0, colon), path)
                .flatMap(block ->
                        portsOf.apply(text.substring(colon + 1), path).map(ports -> new CidrGrant(block, ports)));
    }

    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof CidrGrant(CidrBlock asked, Ports askedPorts)
                && block.contains(asked)
                && ports.covers(askedPorts);
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof CidrGrant(CidrBlock asked, Ports askedPorts)
                && block.overlaps(asked)
                && ports.overlaps(askedPorts);
    }

    @Override
    public int compareTo(CidrGrant other) {
        int byBlock = block.compareTo(other.block);
        return byBlock != 0 ? byBlock : ports.compareTo(other.ports);
    }

    @Override
    public String toString() {
        return block + ":" + ports;
    }
}
