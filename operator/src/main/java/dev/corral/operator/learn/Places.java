package dev.corral.operator.learn;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.Parsed;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Which of the paths and addresses seen need a permission of their own. */
final class Places {
    private static final String SECRETS = "/secrets";
    /** The handler's own; nothing else of the file system can be written, whatever is asked. */
    private static final List<String> SCRATCH = List.of("/work", "/dev/shm");
    /** Every handler may read these, whatever it asks for: see the launcher's Landlock rules. */
    private static final List<String> EVERYBODYS = List.of("/proc", "/dev", "/.corral", "/work", "/files", SECRETS);

    private static final List<CidrBlock> PRIVATE = List.of(
            CidrBlock.of("10.0.0.0/8"),
            CidrBlock.of("172.16.0.0/12"),
            CidrBlock.of("192.168.0.0/16"),
            CidrBlock.of("100.64.0.0/10"),
            CidrBlock.of("fc00::/7"));

    private Places() {}

    /** A key of a Secret as a file. */
    record SecretKey(String secret, String key) {}

    /** Of what was read, the part that must be asked for. Listing the root would take asking for everything. */
    static List<String> read(Collection<String> paths) {
        return paths.stream()
                .filter(path ->
                        !path.equals("/") && EVERYBODYS.stream().noneMatch(everybodys -> beneath(everybodys, path)))
                .toList();
    }

    /** Of what was written, the part that can be asked for. */
    static List<String> written(Collection<String> paths) {
        return paths.stream()
                .filter(path -> SCRATCH.stream().anyMatch(scratch -> beneath(scratch, path)))
                .toList();
    }

    /** Of what was executed, all but our own program. */
    static List<String> executed(Collection<String> paths) {
        return paths.stream().filter(path -> !beneath("/.corral", path)).toList();
    }

    private static boolean beneath(String directory, String path) {
        return path.equals(directory) || path.startsWith(directory + "/");
    }

    /** The kubelet puts a directory with a name of its own between the Secret and its keys, which are links into it. */
    static Optional<SecretKey> secretKey(String path) {
        String[] segments = path.split("/", -1);
        return beneath(SECRETS, path) && segments.length >= 4 && !path.endsWith("/")
                ? Optional.of(new SecretKey(segments[2], segments[segments.length - 1]))
                : Optional.empty();
    }

    /** {@code 203.0.113.7:443/tcp} as {@code 203.0.113.7/32:443}; nothing for port 0, which programs use to ask which way they would go. */
    static Optional<String> cidr(String address) {
        int slash = address.lastIndexOf('/');
        int colon = address.lastIndexOf(':', Math.max(slash, 0));
        if (slash < 0 || colon < 0) {
            return Optional.empty();
        }
        String host = host(address, colon);
        String port = address.substring(colon + 1, slash);
        return port.equals("0") || isLoopback(host)
                ? Optional.empty()
                : Optional.of(host
                        + (host.contains(":") ? "/128:" : "/32:")
                        + port
                        + (address.endsWith("/udp") ? "/udp" : ""));
    }

    /** What stays in the pod needs no grant; the proxy for host names is there. */
    private static boolean isLoopback(String host) {
        return host.startsWith("127.") || host.equals("::1");
    }

    static boolean isPrivate(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 0) {
            return false;
        }
        String host = host(address, colon);
        return CidrBlock.parse(host + (host.contains(":") ? "/128" : "/32"), "")
                        instanceof Parsed.Value<CidrBlock>(CidrBlock block)
                && PRIVATE.stream().anyMatch(range -> range.contains(block));
    }

    private static String host(String address, int colon) {
        String host = address.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
