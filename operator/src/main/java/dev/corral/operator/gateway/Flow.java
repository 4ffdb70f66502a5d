package dev.corral.operator.gateway;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;
import java.util.function.Consumer;

/**
 * How bytes go from one end of a tunnel to the other: no faster than they are taken, and with little under way, because whoever does not
 * read must not fill the gateway's memory. Both ends must be served by one event loop: to another one a write is only handed over, and
 * its queue looks empty for as long as that loop is busy.
 *
 * <p>Vert.x alone reads on after {@code pause()} until sixteen pieces of up to 64 KiB wait, so the channel is told, too.
 */
final class Flow {
    /** Bytes that are read at once, at most; half of what Netty would take. */
    private static final int PIECE = 32 * 1024;
    /** Bytes that wait to be written before the other end is held; whatever is taken at once never waits. */
    private static final int QUEUE = 8 * 1024;

    private Flow() {}

    /** A socket that has just been opened, and reads nothing yet. */
    static NetSocket held(NetSocket socket) {
        ChannelConfig channel = channel(socket);
        // One piece at a time: TLS gathers what is read in a row in one buffer, up to a megabyte, which stays as large
        // until every record in it is complete. A channel that was read from before keeps the allocator it had then.
        ((MaxMessagesRecvByteBufAllocator) channel.getRecvByteBufAllocator()).maxMessagesPerRead(1);
        channel.setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(64, 2048, PIECE).maxMessagesPerRead(1));
        socket.setWriteQueueMaxSize(QUEUE);
        hold(socket);
        return socket;
    }

    /** Reads on. */
    static void release(NetSocket socket) {
        channel(socket).setAutoRead(true); // first: what has waited may have the socket held again
        socket.resume();
    }

    /** From now on what {@code from} says is written to {@code to}; {@code seen} is shown every piece first. */
    static void between(NetSocket from, NetSocket to, Consumer<Buffer> seen) {
        from.handler(piece -> {
            seen.accept(piece);
            to.write(piece);
            if (to.writeQueueFull()) {
                hold(from);
                to.drainHandler(room -> release(from));
            }
        });
        from.endHandler(all -> to.end()); // after what is still to be written
    }

    /** Closes it whatever is still to be written. {@code close()} waits for that, and so does the channel's: Vert.x is asked first. */
    static void abort(NetSocket socket) {
        ((NetSocketInternal) socket).channelHandlerContext().close();
    }

    private static void hold(NetSocket socket) {
        socket.pause();
        channel(socket).setAutoRead(false);
    }

    private static ChannelConfig channel(NetSocket socket) {
        return ((NetSocketInternal) socket).channelHandlerContext().channel().config();
    }
}
