package dev.corral.operator.gateway;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A request's body for a thread that blocks: the event loop delivers one piece each time one is asked for. */
final class BodyStream extends InputStream {
    private sealed interface Piece {
        record Bytes(Buffer buffer) implements Piece {}

        record End() implements Piece {}

        record Broken() implements Piece {}
    }

    private final HttpServerRequest request;
    private final Context context;
    private final Duration patience;
    private final LinkedBlockingQueue<Piece> pieces = new LinkedBlockingQueue<>();
    private @Nullable Buffer current;
    private int position;
    private boolean over;
    private volatile boolean ended;

    BodyStream(HttpServerRequest request, Context context, Duration patience) {
        this.request = request;
        this.context = context;
        this.patience = patience;
        request.pause();
        request.exceptionHandler(broken -> pieces.add(new Piece.Broken()));
        request.endHandler(nothing -> {
            ended = true;
            pieces.add(new Piece.End());
        });
        request.handler(buffer -> pieces.add(new Piece.Bytes(buffer)));
    }

    /** All of it, within the limit and within the time, however slowly the pieces drip. */
    byte[] readAll(int maxBytes) {
        var timeUp = new CompletableFuture<Void>().completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS);
        var all = new ByteArrayOutputStream();
        var chunk = new byte[16 * 1024];
        try {
            for (var n = read(chunk, 0, chunk.length); n >= 0; n = read(chunk, 0, chunk.length)) {
                if (all.size() + n > maxBytes) {
                    throw new Refusal(413, "TooLarge", "the body is larger than " + maxBytes + " bytes");
                }
                if (timeUp.isDone()) {
                    throw slow();
                }
                all.write(chunk, 0, n);
            }
        } catch (IOException broken) {
            throw new Exchange.Disconnected(broken);
        }
        return all.toByteArray();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (!over && (current == null || position == current.length())) {
            next();
        }
        if (over || current == null) {
            return -1;
        }
        var n = Math.min(length, current.length() - position);
        current.getBytes(position, position + n, into, offset);
        position += n;
        return n;
    }

    /** On the event loop: whatever is still to come is dropped. */
    void discard() {
        request.handler(buffer -> {});
        request.resume();
    }

    boolean ended() {
        return ended || request.isEnded();
    }

    private void next() throws IOException {
        context.runOnContext(nothing -> request.fetch(1));
        try {
            switch (pieces.poll(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                case Piece.Bytes(var buffer) -> {
                    current = buffer;
                    position = 0;
                }
                case Piece.End() -> over = true;
                case Piece.Broken() -> throw new IOException("the connection broke");
                case null -> throw slow();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }

    private static Refusal slow() {
        return new Refusal(408, "TooSlow", "the body did not arrive in time");
    }
}
