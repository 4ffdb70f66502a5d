package dev.corral.operator.permission;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A range of ports of one protocol, written {@code 443}, {@code 8000-8100}, {@code 53/udp} or {@code *} for all. */
public record Ports(int from, int to, Protocol protocol) implements Comparable<Ports> {
    private static final int LAST = 65535;
    private static final Pattern FORM =
            Pattern.compile("(?:\\*|([1-9][0-9]{0,4})(?:-([1-9][0-9]{0,4}))?)(?:/(tcp|udp))?");

    public Ports {
        if (from < 1 || to > LAST || from > to) {
            throw new IllegalArgumentException("ports " + from + "-" + to);
        }
    }

    public static Ports tcp(int port) {
        return new Ports(port, port, Protocol.TCP);
    }

    public static Ports all(Protocol protocol) {
        return new Ports(1, LAST, protocol);
    }

    public static Parsed<Ports> parse(String text, String path) {
        return parse(text, path, Protocol.TCP);
    }

    /** Ports nobody may reach: without a protocol, by none. */
    static Parsed<Ports> parseDeny(String text, String path) {
        return parse(text, path, Protocol.ANY);
    }

    private static Parsed<Ports> parse(String text, String path, Protocol otherwise) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text) + " names no ports; write 443, 8000-8100, 53/udp or * for all");
        }
        Protocol protocol =
                form.group(3) == null ? otherwise : "udp".equals(form.group(3)) ? Protocol.UDP : Protocol.TCP;
        if (form.group(1) == null) {
            return Parsed.value(all(protocol));
        }
        int from = Integer.parseInt(form.group(1));
        int to = form.group(2) == null ? from : Integer.parseInt(form.group(2));
        if (from > LAST || to > LAST) {
            return Parsed.malformed(
                    path, ViolationReason.OutOfRange, Text.quoted(text) + ": ports lie between 1 and " + LAST);
        }
        if (from > to) {
            return Parsed.malformed(
                    path,
                    ViolationReason.OutOfRange,
                    Text.quoted(text) + ": the first port is above the last; write " + to + "-" + from);
        }
        return Parsed.value(new Ports(from, to, protocol));
    }

    public boolean covers(Ports other) {
        return protocol.covers(other.protocol) && from <= other.from && other.to <= to;
    }

    public boolean overlaps(Ports other) {
        return protocol.overlaps(other.protocol) && from <= other.to && other.from <= to;
    }

    @Override
    public int compareTo(Ports other) {
        int byProtocol = protocol.compareTo(other.protocol);
        if (byProtocol != 0) {
            return byProtocol;
        }
        return from != other.from ? Integer.compare(from, other.from) : Integer.compare(to, other.to);
    }

    @Override
    public String toString() {
        String range = from == 1 && to == LAST ? "*" : from == to ? Integer.toString(from) : from + "-" + to;
        return protocol == Protocol.UDP ? range + "/udp" : range;
    }
}
