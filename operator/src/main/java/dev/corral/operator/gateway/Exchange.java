package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetSocket;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * One request and its answer, for code that blocks: made on the event loop, used on a virtual thread. Nothing of the body is read before
 * someone asks for it, and never more than the limit they name.
 */
final class Exchange {
    private static final long LINGER_MILLIS = 2_000;
    private static final int PIECE = 64 * 1024;

    private final HttpServerRequest request;
    private final Context context;
    private final Vertx vertx;
    private final BodyStream body;
    private final Duration patience;

    /** On the event loop, before the first byte of the body is handed out. */
    Exchange(Vertx vertx, HttpServerRequest request, Duration patience) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.request = request;
        this.patience = patience;
        this.body = new BodyStream(request, context, patience);
    }

    String method() {
        return request.method().name();
    }

    /** As it came over the wire: nothing decoded, so nothing to decode twice. */
    String path() {
        return request.path() == null ? "" : request.path();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    String remoteAddress() {
        return request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
    }

    /** The whole body, which must be one JSON object of at most this many bytes and must arrive in good time. */
    ObjectNode json(int maxBytes) {
        return object(Json.parseSparse(body.readAll(maxBytes)));
    }

    /** The same of one that may be nothing but numbers, and is not kept while anything is waited for. */
    ObjectNode dense(int maxBytes) {
        return object(Json.parseObject(body.readAll(maxBytes)));
    }

    private static ObjectNode object(Optional<ObjectNode> read) {
        return read.orElseThrow(() -> Refusal.malformed("the body is not one JSON object"));
    }

    /** The body as it comes in; each piece must arrive in good time. */
    InputStream stream() {
        return body;
    }

    void answer(int status) {
        answer(status, Map.of(), Buffer.buffer());
    }

    void answer(int status, JsonNode document) {
        answer(status, Json.bytes(document));
    }

    void answer(int status, byte[] document) {
        answer(status, Map.of("Content-Type", "application/json"), Buffer.buffer(document));
    }

    void refuse(Refusal refusal) {
        answer(refusal.status(), Json.object().put("code", refusal.code()).put("message", refusal.line()));
    }

    /** Only headers: what HEAD wants. */
    void answerHead(int status, Map<String, String> headers) {
        answer(status, headers, Buffer.buffer());
    }

    /** Sends a stream of known length, no faster than the reader takes it. */
    void answer(int status, Map<String, String> headers, InputStream content) throws IOException {
        // What cannot be read is refused, so nothing is said of the content before some of it was.
        var last = content.readNBytes(PIECE);
        var next = content.readNBytes(PIECE);
        var response = request.response();
        onContext(() -> {
            response.setStatusCode(status);
            headers.forEach(response::putHeader);
            body.discard();
            return Future.succeededFuture();
        });
        // The last piece is written as the last: a client that has its bytes may send the next request at once, and
        // OneByOne would take
        // that for one before the end of the answer.
        for (; next.length > 0; next = content.readNBytes(PIECE)) {
            var piece = Buffer.buffer(last);
            onContext(() -> response.write(piece));
            last = next;
        }
        var end = Buffer.buffer(last);
        onContext(() -> response.end(end));
    }

    /** Begins an answer of unknown length; {@link #write} is its pieces. */
    void open(int status, String type) {
        onContext(() -> {
            body.discard();
            return request.response()
                    .setStatusCode(status)
                    .setChunked(true)
                    .putHeader("Content-Type", type)
                    .writeHead();
        });
    }

    void write(byte[] piece) {
        onContext(() -> request.response().write(Buffer.buffer(piece)));
    }

    /** Gives up on a response that may have begun. */
    void abort() {
        try {
            context.runOnContext(nothing -> request.connection().close());
        } catch (RejectedExecutionException closed) {
            // the gateway is stopping: with its event loops their connections are gone
        }
    }

    /** What a CONNECT request names, as it came: {@code name:port}. */
    String target() {
        return request.uri() == null ? "" : request.uri();
    }

    /** Answers a CONNECT request with 200; from here on the connection carries what both sides say. Handed over held (Flow). */
    NetSocket tunnel() {
        var opened = new CompletableFuture<NetSocket>();
        onContext(() -> {
            body.discard();
            return request.toNetSocket()
                    .map(Flow::held)
                    .onSuccess(opened::complete)
                    .mapEmpty();
        });
        return opened.join();
    }

    boolean answered() {
        return request.response().headWritten();
    }

    private void answer(int status, Map<String, String> headers, Buffer content) {
        onContext(() -> {
            HttpServerResponse response = request.response();
            response.setStatusCode(status);
            headers.forEach(response::putHeader);
            if (body.ended()) {
                return response.end(content);
            }
            if (!bodyExpected()) {
                body.discard();
                return response.end(content);
            }
            // An answer before the end of the body: take in the rest for a moment, or the reset could overtake the
            // answer.
            response.putHeader("Connection", "close");
            body.discard();
            vertx.setTimer(LINGER_MILLIS, timer -> request.connection().close());
            return response.end(content);
        });
    }

    private boolean bodyExpected() {
        return request.getHeader("Transfer-Encoding") != null
                || !header("Content-Length").orElse("0").equals("0");
    }

    /** Begins a step on the event loop that serves the request's connection: what it opens is served by that loop, too. */
    <T> CompletableFuture<T> onLoop(Supplier<Future<T>> step) {
        var done = Promise.<T>promise();
        try {
            context.runOnContext(nothing -> {
                try {
                    step.get().onComplete(done);
                } catch (IllegalStateException closed) {
                    done.fail(closed);
                }
            });
        } catch (RejectedExecutionException closed) { // the gateway is stopping: its event loops are gone
            throw new Disconnected(closed);
        }
        return done.future().toCompletionStage().toCompletableFuture();
    }

    /** Waits for what is done elsewhere for a request; who is interrupted meanwhile has nobody left to answer. */
    static <T> T await(java.util.concurrent.Future<T> done, Duration patience)
            throws ExecutionException, TimeoutException {
        try {
            return done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Disconnected(stop);
        }
    }

    private void onContext(Supplier<Future<Void>> step) {
        try {
            await(onLoop(step), patience);
        } catch (ExecutionException | TimeoutException lost) {
            throw new Disconnected(lost);
        }
    }

    /** The other side is gone or does not read; nobody is left to tell. */
    static final class Disconnected extends RuntimeException {
        Disconnected(Throwable cause) {
            super("the other side went away", cause);
        }
    }
}
