package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A listening port that closes at once what is more than {@value #PER_ADDRESS} connections of one address, or comes faster than a
 * hundred a second. A handler has its launcher's address and may open connections until it has no files left; without a bound the
 * gateway would be the one that has none, for everybody, and a handshake costs it eight times what it costs who asks for one. So both
 * are judged before TLS. A launcher has a few connections of its own, and as many tunnels as a run may have, half as fast.
 */
public final class ConnectionLimit extends NioServerSocketChannel {
    static final int PER_ADDRESS = 64;
    static final int BURST = 200;
    private static final Duration INTERVAL = Duration.ofMillis(10);

    private final Map<InetAddress, Integer> open = new ConcurrentHashMap<>();
    private final Recent<InetAddress, TokenBucket> pace = new Recent<>(4096);
    private final InstantSource clock;

    private ConnectionLimit(InstantSource clock) {
        this.clock = clock;
    }

    /** Event loops all of whose servers have the limit, each port for itself. Vert.x has no such option: it shows a connection after its handshake. */
    public static Vertx limited(VertxOptions options, InstantSource clock) {
        return new VertxBuilder(options)
                .findTransport(new JDKTransport() {
                    @Override
                    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
                        return () -> new ConnectionLimit(clock);
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
            if (admits(from)) {
                connection.closeFuture().addListener(closed -> leave(from));
            } else {
                accepted.removeLast();
                connection.unsafe().closeForcibly();
            }
        }
        return read;
    }

    /** One thread accepts, so nobody else takes of a bucket. */
    private boolean admits(InetAddress from) {
        if (!pace.computeIfAbsent(from, visitor -> new TokenBucket(BURST, INTERVAL))
                .take(clock.instant())) {
            return false;
        }
        if (open.merge(from, 1, Integer::sum) > PER_ADDRESS) {
            leave(from);
            return false;
        }
        return true;
    }

    private void leave(InetAddress from) {
        open.computeIfPresent(from, (address, count) -> count > 1 ? count - 1 : null);
    }
}
