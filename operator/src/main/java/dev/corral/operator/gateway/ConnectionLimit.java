package dev.corral.operator.gateway;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * A listening port that closes at once what is more than {@value #PER_ADDRESS} connections of one address, or comes faster than a
 * hundred a second, and of all together what is more than it has room for ({@link OpenConnections}), or faster than five hundred a second
 * ({@link Doorkeeper}). A handler has its launcher's address and may open connections until it has no files left; without a bound the gateway
 * would be the one that has none, for everybody, and a handshake costs it eight times what it costs who asks for one. So all is judged before
 * TLS. A launcher has a few connections of its own, and as many tunnels as a run may have, half as fast.
 */
public final class ConnectionLimit extends NioServerSocketChannel {
    static final int PER_ADDRESS = 64;
    /** Of the heap. With the launchers' share, four of these, and the tunnels', two, all ports together leave some of it. */
    private static final int SHARE = 8;
    /** What one takes at most before anybody knows whose it is: 33 KiB were measured of headers or a TLS record that do not end, 5 of one that is silent. */
    private static final long EACH = 40 * 1024;

    private final OpenConnections<SocketChannel> open;
    private final Doorkeeper doorkeeper;

    private ConnectionLimit(InstantSource clock, int most) {
        this.doorkeeper = Doorkeeper.ofConnections(clock);
        this.open = new OpenConnections<>(PER_ADDRESS, most);
    }

    /** For how many connections a process with this heap has room at a port that is open to everybody. */
    public static int room(long heap) {
        return (int) (heap / SHARE / EACH);
    }

    /** Event loops all of whose servers have the limit, each port for itself. Vert.x has no such option: it shows a connection after its handshake. */
    public static Vertx limited(VertxOptions options, InstantSource clock, int most) {
        return new VertxBuilder(options)
                .findTransport(new JDKTransport() {
                    @Override
                    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
                        return () -> new ConnectionLimit(clock, most);
                    }
                })
                .init()
                .vertx();
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int read = super.doReadMessages(accepted);
        if (read > 0) {
            SocketChannel connection = (SocketChannel) accepted.getLast();
            InetAddress from = connection.remoteAddress().getAddress();
            connection.closeFuture().addListener(closed -> open.leave(from, connection));
            excess(from, connection).ifPresent(goes -> {
                // what was accepted this very moment has no event loop yet
                if (accepted.remove(goes)) {
                    goes.unsafe().closeForcibly();
                } else {
                    goes.close();
                }
            });
        }
        return read;
    }

    private Optional<SocketChannel> excess(InetAddress from, SocketChannel connection) {
        return doorkeeper.lets(from.getHostAddress()) ? open.enter(from, connection) : Optional.of(connection);
    }
}
