package dev.corral.operator.gateway;

import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.spec.Recent;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks up a granted name and connects to what was found: two steps, so that what was judged is what is connected to. Both block. */
final class Dialer {
    private static final Logger log = LoggerFactory.getLogger(Dialer.class);
    /** The resolver blocks a thread of the operating system, for as long as a name server takes; more it does not get, whoever asks. */
    private static final int RESOLVING = 64;

    private static final int WAITING = 64;
    /** Names whose server does not answer must not take all, whether one run has them or many of its namespace. */
    static final int PER_RUN = 3;

    static final int PER_NAMESPACE = 16;

    private final Egress egress;
    private final NetClient client;
    private final ThreadPoolExecutor resolvers = new ThreadPoolExecutor(
            RESOLVING,
            RESOLVING,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("resolver-", 0).factory());

    private final Recent<String, Semaphore> namespaces = new Recent<>(1024);

    Dialer(Vertx vertx, Egress egress) {
        this.egress = egress;
        resolvers.allowCoreThreadTimeOut(true);
        this.client = vertx.createNetClient(new NetClientOptions()
                .setConnectTimeout((int) egress.patience().toMillis())
                .setIdleTimeout((int) Egress.QUIET.toSeconds()));
    }

    /** What a run may have looked up at once, and what its namespace may. */
    record Turns(Semaphore ofRun, Semaphore ofNamespace) {
        private boolean take(Duration patience) throws InterruptedException {
            long end = System.nanoTime() + patience.toNanos();
            if (!ofRun.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                return false;
            }
            boolean both = false;
            try {
                both = ofNamespace.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                return both;
            } finally {
                if (!both) {
                    ofRun.release();
                }
            }
        }

        private void release() {
            ofNamespace.release();
            ofRun.release();
        }
    }

    Turns turns(String namespace) {
        return new Turns(
                new Semaphore(PER_RUN, true),
                namespaces.computeIfAbsent(namespace, any -> new Semaphore(PER_NAMESPACE, true)));
    }

    /**
     * The first of a name's addresses that may be reached; empty if none may. Throws a {@link Refusal} if the name has no address. Waits for
     * one of the {@code turns}, or throws what is {@code crowded}; with {@code found} cancelled a lookup that waits is taken back.
     */
    Optional<InetAddress> resolve(
            String name, Turns turns, CompletableFuture<List<InetAddress>> found, Supplier<Refusal> crowded) {
        if (!take(turns)) {
            throw found.isCancelled() ? Refusal.notBound() : crowded.get();
        }
        found.orTimeout(egress.patience().toMillis(), TimeUnit.MILLISECONDS);
        return addresses(name, turns, found).stream()
                .filter(egress.addresses()::contain)
                .findFirst();
    }

    private boolean take(Turns turns) {
        try {
            return turns.take(egress.patience());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Exchange.Disconnected(stop);
        }
    }

    private List<InetAddress> addresses(String name, Turns turns, CompletableFuture<List<InetAddress>> found) {
        Runnable lookup = () -> look(name, turns, found);
        try {
            resolvers.execute(lookup);
            return Exchange.await(found, egress.patience());
        } catch (RejectedExecutionException busy) {
            turns.release();
            throw new Refusal(503, "Busy", "too many names are being resolved; ask again");
        } catch (CancellationException over) {
            throw Refusal.notBound();
        } catch (ExecutionException | TimeoutException failed) {
            if (failed.getCause() instanceof RuntimeException bug) {
                throw bug;
            }
            log.atDebug().setCause(failed).log("a granted host was not resolved");
            String why = failed.getCause() instanceof UnknownHostException ? " has no address" : " was not resolved";
            throw new Refusal(502, "Unresolvable", name + why);
        } finally {
            found.cancel(false); // nobody waits for it any more
            if (resolvers.remove(lookup)) {
                turns.release();
            }
        }
    }

    /** On a resolver's thread, which nothing can call back: the run's turn is over when this is, not when its tunnel is. */
    private void look(String name, Turns turns, CompletableFuture<List<InetAddress>> found) {
        try {
            if (!found.isDone()) {
                found.complete(egress.names().of(name));
            }
        } catch (UnknownHostException | RuntimeException | Error failed) {
            found.completeExceptionally(failed);
        } finally {
            turns.release();
        }
    }

    /** A socket that reads nothing yet, on the event loop of the exchange; the name is not looked up again. */
    NetSocket connect(HostPattern target, InetAddress address, Exchange exchange) {
        SocketAddress pinned = SocketAddress.inetSocketAddress(target.ports().from(), address.getHostAddress());
        try {
            return Exchange.await(
                    exchange.onLoop(() -> client.connect(pinned).map(Flow::held)),
                    egress.patience().multipliedBy(2));
        } catch (ExecutionException | TimeoutException failed) {
            log.atDebug().setCause(failed).log("a granted host was not reached");
            throw new Refusal(502, "Unreachable", target + " does not answer");
        }
    }

    void close() {
        resolvers.shutdownNow();
    }
}
