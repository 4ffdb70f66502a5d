package dev.corral.operator.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** Bad answers of an API server that is overloaded, restarting or behind a lossy network, and what was asked while it lasted. */
final class Weather {
    /** One answer instead of the real one. */
    record Answer(int code, String reason, Optional<Duration> retryAfter) {
        void answer(OutputStream out) throws IOException {
            var status = """
                    {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"%s","message":"bad weather","code":%d}""".formatted(reason, code).getBytes(StandardCharsets.UTF_8);
            var head = "HTTP/1.1 " + code + " " + reason + "\r\nContent-Type: application/json\r\nContent-Length: "
                    + status.length + "\r\n"
                    + retryAfter
                            .map(wait -> "Retry-After: " + wait.toSeconds() + "\r\n")
                            .orElse("")
                    + "\r\n";
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            out.write(status);
            out.flush();
        }
    }

    /** A request that met an answer of ours. */
    record Met(Instant at, String what) {}

    /** For requests that are only looked at. */
    static final Answer NONE = new Answer(0, "", Optional.empty());

    private final List<Met> met = new CopyOnWriteArrayList<>();
    private final Set<String> expired = ConcurrentHashMap.newKeySet();
    private volatile Predicate<HttpMessage> hit = request -> false;
    private volatile Predicate<String> old = path -> false;
    private volatile Answer answer = NONE;

    /** From now on these requests are answered so. */
    void answer(Predicate<HttpMessage> requests, Answer with) {
        answer = with;
        hit = requests;
    }

    /** The next watch of each of these paths hears that its version is too old. */
    void expire(Predicate<String> paths) {
        expired.clear();
        old = paths;
    }

    void clears() {
        hit = request -> false;
        old = path -> false;
    }

    List<Met> met() {
        return List.copyOf(met);
    }

    /** The resources whose watch was told that its version is too old. */
    Set<String> expired() {
        return Set.copyOf(expired);
    }

    Optional<Answer> meets(HttpMessage request) {
        if (!hit.test(request)) {
            return Optional.empty();
        }
        met.add(new Met(Instant.now(), request.method() + " " + resource(request.path())));
        return Optional.of(answer);
    }

    boolean expires(String path) {
        return old.test(path) && expired.add(resource(path));
    }

    private static String resource(String path) {
        return path.replaceAll("\\?.*", "");
    }

    /** The event a watch gets whose version is gone from the server's history, as a web socket frame. */
    static byte[] tooOld() throws IOException {
        var event = """
                {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired",\
                "message":"too old resource version","code":410}}""".getBytes(StandardCharsets.UTF_8);
        var frame = new ByteArrayOutputStream();
        frame.write(0x81); // text, whole
        frame.write(126); // the length is in the next two bytes
        frame.write(event.length >> 8);
        frame.write(event.length & 0xff);
        frame.write(event);
        return frame.toByteArray();
    }
}
