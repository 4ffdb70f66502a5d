package dev.corral.operator.faults;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The head of an HTTP/1.1 message, and how far the body behind it reaches. */
record HttpMessage(String start, List<String> headers) {

    /** Reads up to the empty line; nothing if the peer has no more to say. */
    static Optional<HttpMessage> read(InputStream in) throws IOException {
        var start = line(in);
        if (start.isEmpty()) {
            return Optional.empty();
        }
        var headers = new ArrayList<String>();
        for (var line = line(in); !line.isEmpty(); line = line(in)) {
            headers.add(line);
        }
        return Optional.of(new HttpMessage(start, List.copyOf(headers)));
    }

    String method() {
        return start.substring(0, start.indexOf(' '));
    }

    String path() {
        return start.split(" ")[1];
    }

    int code() {
        return Integer.parseInt(start.split(" ")[1]);
    }

    Optional<String> header(String name) {
        return headers.stream()
                .filter(header -> header.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(header -> header.substring(name.length() + 1).strip())
                .findFirst();
    }

    /** Without the headers of those names, and with some more. */
    HttpMessage changed(List<String> without, List<String> more) {
        var all = new ArrayList<>(headers);
        all.removeIf(header ->
                without.stream().anyMatch(name -> header.regionMatches(true, 0, name + ":", 0, name.length() + 1)));
        all.addAll(more);
        return new HttpMessage(start, List.copyOf(all));
    }

    void writeTo(OutputStream out) throws IOException {
        var text = new StringBuilder(start).append("\r\n");
        headers.forEach(header -> text.append(header).append("\r\n"));
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Copies the body, piece by piece as it arrives. */
    void copyBody(InputStream in, OutputStream out) throws IOException {
        if (header("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent()) {
            while (true) {
                var size = line(in);
                out.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                var bytes = Integer.parseInt(size.split(";")[0].strip(), 16);
                copy(in, out, bytes);
                out.write((line(in) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                out.flush();
                if (bytes == 0) {
                    return;
                }
            }
        }
        copy(in, out, header("Content-Length").map(Long::parseLong).orElse(0L));
        out.flush();
    }

    byte[] body(InputStream in) throws IOException {
        var all = new ByteArrayOutputStream();
        copyBody(in, all);
        return all.toByteArray();
    }

    private static void copy(InputStream in, OutputStream out, long length) throws IOException {
        var buffer = new byte[8192];
        for (var left = length; left > 0; ) {
            var read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                throw new EOFException("the body ended early");
            }
            out.write(buffer, 0, read);
            left -= read;
        }
    }

    /** One line without its end; empty at the end of the stream too. */
    private static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (var next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.write(next);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }
}
