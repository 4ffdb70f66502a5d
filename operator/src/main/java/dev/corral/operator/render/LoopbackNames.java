package dev.corral.operator.render;

import dev.corral.operator.permission.Ports;
import dev.corral.operator.policy.EffectivePermissions;
import io.fabric8.kubernetes.api.model.HostAlias;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Granted names without a wildcard, each with an address of its own on loopback, where the launcher leads clients that know no proxy to
 * the gateway. The pod's /etc/hosts has them, so that they work without DNS. A name whose ports are too many is reached by the proxy only.
 */
record LoopbackNames(List<Name> names) {
    /** Listeners of one launcher, one per name and port. */
    static final int MOST_PORTS = 128;

    private static final int FIRST_UNPRIVILEGED = 1024;

    /** One name: {@code ports} are granted for it and do not overlap. */
    record Name(String address, String name, List<Ports> ports) {
        private int count() {
            return ports.stream()
                    .mapToInt(range -> range.to() - range.from() + 1)
                    .sum();
        }

        private String json() {
            return ports.stream()
                    .map(range -> "\"" + range + "\"")
                    .collect(Collectors.joining(
                            ",", "{\"address\":\"" + address + "\",\"name\":\"" + name + "\",\"ports\":[", "]}"));
        }
    }

    static LoopbackNames of(EffectivePermissions effective) {
        Map<String, SortedSet<Ports>> granted = new TreeMap<>();
        effective.hosts().stream()
                .filter(host -> !host.subdomains())
                .forEach(host -> granted.computeIfAbsent(host.name(), absent -> new TreeSet<>())
                        .add(host.ports()));
        List<Name> names = new ArrayList<>();
        int room = MOST_PORTS;
        for (var entry : granted.entrySet()) {
            var name = new Name("127.64.0." + (names.size() + 1), entry.getKey(), merged(entry.getValue()));
            if (name.count() <= room) {
                names.add(name);
                room -= name.count();
            }
        }
        return new LoopbackNames(List.copyOf(names));
    }

    private static List<Ports> merged(SortedSet<Ports> sorted) {
        List<Ports> merged = new ArrayList<>();
        for (Ports range : sorted) {
            Ports last = merged.isEmpty() ? null : merged.getLast();
            if (last != null && range.from() <= last.to() + 1) {
                merged.removeLast();
                range = new Ports(last.from(), Math.max(last.to(), range.to()), last.protocol());
            }
            merged.add(range);
        }
        return List.copyOf(merged);
    }

    /** For the pod's {@code hostAliases}. */
    List<HostAlias> aliases() {
        return names.stream()
                .map(name -> new HostAlias(List.of(name.name()), name.address()))
                .toList();
    }

    /** For the launcher: an array of JSON objects. */
    String json() {
        return names.stream().map(Name::json).collect(Collectors.joining(",", "[", "]"));
    }

    /** From which port on the launcher must be able to listen, where that takes more than an ordinary process has. */
    OptionalInt lowestPort() {
        return names.stream()
                .flatMap(name -> name.ports().stream())
                .mapToInt(Ports::from)
                .filter(port -> port < FIRST_UNPRIVILEGED)
                .min();
    }
}
