package dev.corral.operator.gateway;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The connections of a port, so many of one address and so many of all together. When there are no more, whoever has most of them gives
 * the last it got to who has less: a tenant has as many addresses as pods, and a launcher needs few connections.
 */
final class OpenConnections<C> {
    private final int perAddress;
    private final int ofAll;
    private final Map<InetAddress, Deque<C>> open = new HashMap<>();
    private int count;

    OpenConnections(int perAddress, int ofAll) {
        this.perAddress = perAddress;
        this.ofAll = ofAll;
    }

    /** One more. The answer is which one has to go for it, another or itself; empty where there is room. */
    synchronized Optional<C> enter(InetAddress from, C connection) {
        Deque<C> own = open.getOrDefault(from, new ArrayDeque<>());
        Optional<C> goes = Optional.empty();
        if (own.size() == perAddress) {
            return Optional.of(connection);
        }
        if (count == ofAll) {
            Map.Entry<InetAddress, Deque<C>> most = most();
            if (most.getValue().size() <= own.size() + 1) {
                return Optional.of(connection);
            }
            goes = Optional.of(most.getValue().getLast());
            leave(most.getKey(), most.getValue().getLast());
        }
        own.addLast(connection);
        open.put(from, own);
        count++;
        return goes;
    }

    /** Whoever had to go has left already. */
    synchronized void leave(InetAddress from, C connection) {
        Deque<C> own = open.get(from);
        if (own != null && own.removeLastOccurrence(connection)) {
            count--;
            if (own.isEmpty()) {
                open.remove(from);
            }
        }
    }

    private Map.Entry<InetAddress, Deque<C>> most() {
        return open.entrySet().stream()
                .max(Comparator.comparingInt(entry -> entry.getValue().size()))
                .orElseThrow();
    }
}
