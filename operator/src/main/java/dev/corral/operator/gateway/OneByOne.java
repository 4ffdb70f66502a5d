package dev.corral.operator.gateway;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * One request at a time: a connection that sends the next one before it was sent the whole answer is closed. Vert.x would keep each in a
 * list that it walks to its end for every further one, so a flood of them would hold up everybody's event loop and fill the heap. None of
 * our clients does that, nor does a kubelet, Prometheus, curl or a browser.
 */
public final class OneByOne extends ChannelDuplexHandler {
    /** What Vert.x calls it, and takes out by this name where a connection becomes a tunnel. */
    private static final String DECODER = "httpDecoder";

    private boolean answering;
    private boolean closed;

    OneByOne() {}

    /** A server all of whose connections are like that, and have {@link FewHeaders}. */
    public static HttpServer server(Vertx vertx, HttpServerOptions options) {
        options.setHttp2ClearTextEnabled(false); // many requests at a time is what that is for
        return vertx.createHttpServer(options)
                .connectionHandler(connection -> ((ConnectionBase) connection)
                        .channel()
                        .pipeline()
                        .addBefore("handler", null, new OneByOne())
                        .replace(DECODER, DECODER, new FewHeaders(options)));
    }

    @Override
    public void channelRead(ChannelHandlerContext connection, Object message) {
        if (message instanceof HttpRequest) {
            if (answering && !closed) {
                closed = true;
                connection.pipeline().remove(HttpRequestDecoder.class); // nothing more is made of what was read already
                connection.close();
            }
            answering = true;
        }
        if (closed) {
            ReferenceCountUtil.release(message);
        } else {
            connection.fireChannelRead(message);
        }
    }

    @Override
    public void write(ChannelHandlerContext connection, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent && !goesOn(message)) {
            // sent, not only written: who does not read its answers is not given more of them
            connection.write(message, promise.unvoid().addListener(sent -> answering = false));
        } else {
            connection.write(message, promise);
        }
    }

    /** Whether that is 100 Continue, which is whole and no answer. */
    private static boolean goesOn(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }
}
