package dev.corral.operator.gateway;

import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;

/**
 * Reads at most {@value #MOST} headers of a request and refuses it with 431 at the next. Vert.x bounds their bytes only, and each header
 * becomes objects of some ninety bytes, however short it is: 16 KiB of the shortest are 360 KiB of heap, for as long as their sender
 * keeps the end back. Clients send ten, a browser behind three proxies forty; a hundred is Apache's bound, too.
 */
final class FewHeaders extends VertxHttpRequestDecoder {
    static final int MOST = 100;

    private int headers;

    FewHeaders(HttpServerOptions options) {
        super(options);
    }

    @Override
    protected HttpMessage createMessage(String[] initialLine) {
        headers = 0;
        return super.createMessage(initialLine);
    }

    /** Of each header, and of each trailer, before anything is made of it. */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        if (++headers > MOST) {
            throw new TooLongHttpHeaderException("more than " + MOST + " headers");
        }
        return super.splitHeaderName(line, start, length);
    }
}
