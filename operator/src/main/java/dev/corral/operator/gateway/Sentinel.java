package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import java.net.InetAddress;
import java.util.Collection;

/**
 * Who reached port B, which no plugin pod may reach. Counts, because a launcher tries again while a policy is programmed late: of n
 * attempts with the last one refused, at most n-1 can have arrived here.
 */
final class Sentinel {
    /** Not by its text: Java and Kubernetes write an IPv6 address in two ways. */
    private final Recent<InetAddress, Integer> sightings = new Recent<>(4096);

    void saw(String address) {
        sightings.update(InetAddress.ofLiteral(address), 0, count -> count + 1);
    }

    int sightings(Collection<InetAddress> addresses) {
        return addresses.stream()
                .mapToInt(address -> sightings.get(address).orElse(0))
                .sum();
    }

    /** A new pod may have the address of an old one. */
    void forget(Collection<InetAddress> addresses) {
        addresses.forEach(sightings::remove);
    }
}
