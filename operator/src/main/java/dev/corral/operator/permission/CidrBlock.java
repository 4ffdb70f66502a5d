package dev.corral.operator.permission;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of addresses of one family, in canonical form: no bit is set outside the prefix. The address is held left-aligned in
 * 128 bits ({@code high}, {@code low}), so one mask serves both families.
 */
public record CidrBlock(Family family, long high, long low, int prefix) implements Comparable<CidrBlock> {
    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern V4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern PREFIX = Pattern.compile("0|[1-9][0-9]{0,2}");

    /** Address families. */
    public enum Family {
        V4(32),
        V6(128);

        private final int bits;

        Family(int bits) {
            this.bits = bits;
        }

        public int bits() {
            return bits;
        }
    }

    public CidrBlock {
        if (prefix < 0 || prefix > family.bits()) {
            throw new IllegalArgumentException("prefix /" + prefix);
        }
        if (high != (high & highMask(prefix)) || low != (low & lowMask(prefix))) {
            throw new IllegalArgumentException("bits are set outside the prefix /" + prefix);
        }
    }

    public static CidrBlock of(String text) {
        return parse(text, "").orElseThrow();
    }

    public static Parsed<CidrBlock> parse(String text, String path) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return malformed(
                    path, text, "has no prefix length; for one address write /32 (IPv4) or /128 (IPv6) after it");
        }
        String address = text.substring(0, slash);
        if (address.startsWith("[")) {
            return malformed(path, text, "needs no brackets; write 2001:db8::/32");
        }
        boolean v4 = V4.matcher(address).matches();
        if (!v4 && !V6.matcher(address).matches()) {
            return malformed(path, text, "is no address block; write 203.0.113.0/24 or 2001:db8::/32");
        }
        InetAddress parsed;
        try {
            parsed = v4 ? Inet4Address.ofLiteral(address) : Inet6Address.ofLiteral(address);
        } catch (IllegalArgumentException notAnAddress) {
            return malformed(path, text, "is no address block; write 203.0.113.0/24 or 2001:db8::/32");
        }
        if (!v4 && parsed instanceof Inet4Address mapped) {
            // such addresses never appear on the wire, and comparing them with IPv6 blocks would miss the IPv4 rules
            return malformed(
                    path, text, "is an IPv4 address in IPv6 clothes; write " + mapped.getHostAddress() + "/32");
        }
        Family family = v4 ? Family.V4 : Family.V6;
        Matcher prefix = PREFIX.matcher(text.substring(slash + 1));
        if (!prefix.matches() || Integer.parseInt(prefix.group()) > family.bits()) {
            return malformed(path, text, "has a prefix length outside 0 to " + family.bits());
        }
        return canonical(family, parsed, Integer.parseInt(prefix.group()), text, path);
    }

    private static Parsed<CidrBlock> canonical(
            Family family, InetAddress address, int prefix, String text, String path) {
        ByteBuffer bytes = ByteBuffer.allocate(16).put(address.getAddress()).rewind();
        long high = bytes.getLong();
        long low = bytes.getLong();
        CidrBlock block = new CidrBlock(family, high & highMask(prefix), low & lowMask(prefix), prefix);
        if (block.high != high || block.low != low) {
            // it would be ambiguous whether the one address or the whole block was meant
            String single = new CidrBlock(family, high, low, family.bits()).toString();
            return malformed(
                    path,
                    text,
                    "has bits set outside its prefix; write " + block + " for the block or " + single
                            + " for the address");
        }
        return Parsed.value(block);
    }

    private static Parsed<CidrBlock> malformed(String path, String text, String problem) {
        return Parsed.malformed(path, ViolationReason.Malformed, Text.quoted(text) + " " + problem);
    }

    /** Whether every address of {@code other} is one of these. */
    public boolean contains(CidrBlock other) {
        return family == other.family
                && prefix <= other.prefix
                && high == (other.high & highMask(prefix))
                && low == (other.low & lowMask(prefix));
    }

    /** Blocks are nested or disjoint, nothing else. */
    public boolean overlaps(CidrBlock other) {
        return contains(other) || other.contains(this);
    }

    private static long highMask(int prefix) {
        return mask(Math.min(prefix, 64));
    }

    private static long lowMask(int prefix) {
        return mask(Math.max(prefix - 64, 0));
    }

    private static long mask(int ones) {
        return ones == 0 ? 0 : -1L << (64 - ones);
    }

    @Override
    public int compareTo(CidrBlock other) {
        int byFamily = family.compareTo(other.family);
        int byHigh = byFamily != 0 ? byFamily : Long.compareUnsigned(high, other.high);
        int byLow = byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
        return byLow != 0 ? byLow : Integer.compare(prefix, other.prefix);
    }

    @Override
    public String toString() {
        return (family == Family.V4 ? textV4() : textV6()) + "/" + prefix;
    }

    private String textV4() {
        int address = (int) (high >>> 32);
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }

    /** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups is {@code ::}. */
    private String textV6() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i % 4)) & 0xffff);
        }
        int start = 8;
        int length = 1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
