package dev.corral.operator.gateway;

import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.status.PlainText;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** What the first bytes a client sends through a tunnel say about whom they are meant for. Nothing of them is decrypted or changed. */
sealed interface FirstBytes {
    /** A ClientHello with a session ticket and post-quantum key shares takes 2 KiB, a browser's request line and headers 8. */
    int MOST = 16 * 1024;

    /** How TLS begins. */
    byte HANDSHAKE = 0x16;

    /** Not enough to tell yet: of TLS nothing can be told before there are {@code enough} bytes, of HTTP perhaps before, at the end of its head. */
    record More(int enough) implements FirstBytes {}

    /** A TLS ClientHello for this name. */
    record Tls(String name) implements FirstBytes {}

    /** A plain HTTP/1 request for this host; a port in it is checked against nothing and left out. */
    record Http(String host) implements FirstBytes {}

    /** Neither, or one without exactly one name. */
    record Unreadable(String why) implements FirstBytes {}

    /** Why this may not go to a host; empty if it may. */
    default Optional<String> objection(HostPattern target) {
        return switch (this) {
            case More more -> Optional.of("what its client sent names nobody");
            case Unreadable(var why) -> Optional.of("what its client sent " + why);
            case Tls(var name) -> another(target, "TLS", name);
            case Http(var name) ->
                target.ports().from() == 443
                        ? Optional.of("what its client sent is plain HTTP, and on port 443 only TLS passes")
                        : another(target, "HTTP", name);
        };
    }

    private static Optional<String> another(HostPattern target, String protocol, String name) {
        return name.equals(target.name())
                ? Optional.empty()
                : Optional.of("what its client sent is " + protocol + " for " + PlainText.line(name, 253));
    }

    /**
     * What a client has said so far, piece by piece. It is read anew only when there may be more to tell, so that one byte at a time costs
     * about what one piece does.
     */
    final class Pieces {
        private final Buffer held = Buffer.buffer();
        private final Function<byte[], FirstBytes> reader;
        private FirstBytes said = new More(1);

        Pieces(Function<byte[], FirstBytes> reader) {
            this.reader = reader;
        }

        FirstBytes and(Buffer piece) {
            held.appendBuffer(piece);
            if (said instanceof More(int enough) && (held.length() >= enough || endsHead(piece.length()))) {
                said = reader.apply(held.getBytes());
            }
            return said;
        }

        Buffer held() {
            return held;
        }

        /** Whether the empty line behind the head of an HTTP request ends in the last piece. */
        private boolean endsHead(int last) {
            String tail = held.getString(Math.max(0, held.length() - last - 3), held.length(), "ISO-8859-1");
            return tail.contains("\r\n\r\n") && held.getByte(0) != HANDSHAKE;
        }
    }

    static FirstBytes read(byte[] bytes) {
        if (bytes.length == 0) {
            return new More(1);
        }
        try {
            FirstBytes read = bytes[0] == HANDSHAKE ? hello(bytes) : request(bytes);
            if (read instanceof More(int enough)) {
                return bytes.length >= MOST
                        ? new Unreadable("names nobody in its first " + MOST + " bytes")
                        : new More(Math.min(enough, MOST));
            }
            return read;
        } catch (ArrayIndexOutOfBoundsException torn) {
            return new Unreadable("is TLS with a malformed ClientHello");
        }
    }

    private static FirstBytes hello(byte[] bytes) {
        // a ClientHello may be spread over several records
        byte[] message = new byte[bytes.length];
        int have = 0;
        for (int at = 0; at + 5 <= bytes.length && !whole(message, have); ) { // behind it early data may come
            int length = u16(bytes, at + 3);
            if (bytes[at] != HANDSHAKE || bytes[at + 1] != 3 || length == 0 || length > MOST) {
                return new Unreadable("is no TLS");
            }
            int here = Math.min(length, bytes.length - at - 5);
            System.arraycopy(bytes, at + 5, message, have, here);
            have += here;
            at += 5 + length;
        }
        if (have > 0 && message[0] != 1) {
            return new Unreadable("is TLS that does not begin with a ClientHello");
        }
        if (have < 4) {
            return new More(bytes.length + 4 - have);
        }
        int end = 4 + ((message[1] & 0xff) << 16 | u16(message, 2));
        if (end > MOST) {
            return new Unreadable("is TLS with a ClientHello of more than " + MOST + " bytes");
        }
        return have < end ? new More(bytes.length + end - have) : serverName(Arrays.copyOf(message, end));
    }

    private static boolean whole(byte[] message, int have) {
        return have >= 4 && have >= 4 + ((message[1] & 0xff) << 16 | u16(message, 2));
    }

    private static FirstBytes serverName(byte[] hello) {
        int at = 4 + 2 + 32; // type and length, version, random
        at += 1 + (hello[at] & 0xff); // session
        at += 2 + u16(hello, at); // cipher suites
        at += 1 + (hello[at] & 0xff); // compression methods
        int end = at == hello.length ? at : at + 2 + u16(hello, at);
        Optional<String> name = Optional.empty();
        for (at += 2; at < end; ) {
            int type = u16(hello, at);
            int length = u16(hello, at + 2);
            if (type == 0) {
                int size = u16(hello, at + 7);
                if (name.isPresent() || hello[at + 6] != 0 || size == 0 || length != 5 + size) {
                    return new Unreadable("is TLS that does not name exactly one server (SNI)");
                }
                name = Optional.of(new String(copy(hello, at + 9, size), StandardCharsets.US_ASCII));
            }
            at += 4 + length;
        }
        return name.<FirstBytes>map(FirstBytes::tls)
                .orElseGet(() -> new Unreadable("is TLS that names no server (SNI)"));
    }

    private static FirstBytes tls(String name) {
        return new Tls(canonical(name));
    }

    private static FirstBytes request(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        String head = end < 0 ? text : text.substring(0, end);
        List<String> lines = head.lines().toList();
        if (!head.chars().allMatch(c -> c >= ' ' || c == '\r' || c == '\n' || c == '\t')) {
            return new Unreadable("is neither TLS nor HTTP");
        }
        if (end < 0 && lines.size() < 2) {
            return text.matches("[A-Z]{1,20}( ([/*].{0,8192})?)?\r?\n?")
                    ? new More(2 * bytes.length)
                    : new Unreadable("is neither TLS nor HTTP");
        }
        if (lines.isEmpty() || !lines.getFirst().matches("[A-Z]{1,20} [/*]\\S* HTTP/1\\.[01]")) {
            return new Unreadable("is neither TLS nor an HTTP/1 request for a path");
        }
        if (end < 0) {
            return new More(2 * bytes.length);
        }
        List<String> hosts = lines.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).matches("host[ \t]*:.*"))
                .toList();
        if (hosts.size() != 1 || !hosts.getFirst().matches("[Hh][Oo][Ss][Tt]:.*")) {
            return new Unreadable("is HTTP that does not name exactly one Host");
        }
        String host = hosts.getFirst().substring(5).strip();
        return new Http(canonical(host.replaceFirst(":[0-9]{1,5}$", "")));
    }

    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static byte[] copy(byte[] from, int at, int size) {
        if (at + size > from.length) {
            throw new ArrayIndexOutOfBoundsException(at + size);
        }
        return Arrays.copyOfRange(from, at, at + size);
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
    }
}
