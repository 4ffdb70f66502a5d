package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import java.util.Collection;

/**
 * Who reached port B, which no plugin pod may reach. Counts, because a launcher tries again while a policy is programmed late: of n
 * attempts with the last one refused, at most n-1 can have arrived here.
 */
final class Sentinel {
    private final Recent<String, Integer> sightings = new Recent<>(4096);

    void saw(String address) {
        sightings.update(address, 0, count -> count + 1);
    }

    int sightings(Collection<String> addresses) {
        return addresses.stream()
                .mapToInt(address -> sightings.get(address).orElse(0))
                .sum();
    }

    /** A new pod may have the address of an old one. */
    void forget(Collection<String> addresses) {
        addresses.forEach(sightings::remove);
    }
}
