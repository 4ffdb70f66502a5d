package dev.corral.operator.permission;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A host name and its ports: {@code api.example.org:443}, or {@code *.example.org:443} for every name below {@code example.org} but
 * not {@code example.org} itself. {@code name} is lower case without a trailing dot.
 */
public record HostPattern(String name, boolean subdomains, Ports ports) implements Grantable, Comparable<HostPattern> {
    private static final int LONGEST_NAME = 253;
    private static final String PUNYCODE = "it in punycode (xn--…)";
    private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
    /** What a resolver would take for the last part of an IPv4 address, hexadecimal and octal forms included. */
    private static final Pattern NUMBER = Pattern.compile("[0-9]+|0x[0-9a-f]*");

    public HostPattern {
        String problem = problemOf(name, subdomains);
        if (problem != null) {
            throw new IllegalArgumentException(name + " " + problem);
        }
    }

    /** A host somebody wants to reach: without a port, 443. */
    public static Parsed<HostPattern> parse(String text, String path) {
        return parse(text, path, Ports.tcp(443));
    }

    /** A host nobody may reach: without a port, all ports. */
    public static Parsed<HostPattern> parseDeny(String text, String path) {
        return parse(text, path, Ports.all(Protocol.TCP));
    }

    private static Parsed<HostPattern> parse(String text, String path, Ports otherwise) {
        if (text.startsWith("[") || text.indexOf(':') != text.lastIndexOf(':')) {
            return malformed(path, text, "is an address; write address blocks under network.cidrs");
        }
        int colon = text.indexOf(':');
        Parsed<Ports> ports = colon < 0 ? Parsed.value(otherwise) : Ports.parse(text.substring(colon + 1), path);
        String host = colon < 0 ? text : text.substring(0, colon);
        return ports.flatMap(p -> parseName(host, path, text, p));
    }

    private static Parsed<HostPattern> parseName(String host, String path, String text, Ports ports) {
        if (ports.protocol() != Protocol.TCP) {
            return malformed(path, text, "asks for UDP; host names are reached over TCP");
        }
        if (host.length() <= LONGEST_NAME && !host.chars().allMatch(c -> c < 128)) {
            return malformed(path, text, "is not in ASCII; write " + punycode(host));
        }
        String name = host.toLowerCase(Locale.ROOT);
        boolean subdomains = name.startsWith("*.");
        name = subdomains ? name.substring(2) : name;
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        String problem = problemOf(name, subdomains);
        return problem == null
                ? Parsed.value(new HostPattern(name, subdomains, ports))
                : malformed(path, text, problem);
    }

    private static @Nullable String problemOf(String name, boolean subdomains) {
        if (name.length() > LONGEST_NAME) {
            return "is longer than " + LONGEST_NAME + " characters";
        }
        if (name.equals("*") || name.isEmpty()) {
            return "would reach every host; name the domains, like *.example.org";
        }
        String[] labels = name.split("\\.", -1);
        if (NUMBER.matcher(labels[labels.length - 1]).matches()) {
            return "is an address; write address blocks under network.cidrs";
        }
        for (String label : labels) {
            if (!LABEL.matcher(label).matches()) {
                return "is no host name; write api.example.org:443, or *.example.org:443 for the names below example.org";
            }
        }
        if (labels.length < 2) {
            return subdomains
                    ? "would reach a whole top-level domain; name the domains below it, like *.example." + name
                    : "is no full host name; write it with its domain, like " + name + ".example.org";
        }
        return null;
    }

    private static String punycode(String host) {
        try {
            boolean wildcard = host.startsWith("*.");
            String ascii = (wildcard ? "*." : "") + IDN.toASCII(wildcard ? host.substring(2) : host);
            // controls of the original pass through punycode unchanged
            return ascii.codePoints().allMatch(Text::printable) ? ascii : PUNYCODE;
        } catch (IllegalArgumentException notAName) {
            return PUNYCODE;
        }
    }

    private static Parsed<HostPattern> malformed(String path, String text, String problem) {
        return Parsed.malformed(path, ViolationReason.Malformed, Text.quoted(text) + " " + problem);
    }

    /** Whether a connection to {@code host} is meant; {@code host} as a client writes it. */
    public boolean matches(String host, int port) {
        String asked = host.toLowerCase(Locale.ROOT);
        asked = asked.endsWith(".") ? asked.substring(0, asked.length() - 1) : asked;
        boolean named =
                subdomains ? asked.endsWith("." + name) && asked.length() > name.length() + 1 : asked.equals(name);
        return named && ports.from() <= port && port <= ports.to();
    }

    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof HostPattern other && coversName(other) && ports.covers(other.ports);
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof HostPattern other
                && (coversName(other) || other.coversName(this))
                && ports.overlaps(other.ports);
    }

    private boolean coversName(HostPattern other) {
        if (!subdomains) {
            return !other.subdomains && name.equals(other.name);
        }
        return other.name.endsWith("." + name) || other.subdomains && other.name.equals(name);
    }

    @Override
    public int compareTo(HostPattern other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return (subdomains ? "*." : "") + name + ":" + ports;
    }
}
