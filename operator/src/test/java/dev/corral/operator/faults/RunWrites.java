package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;

import dev.corral.operator.faults.FaultProxy.Write;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What one run had the API server persist, by whom. */
record RunWrites(int controller, int gateway) {
    /** Of three runs: where a start takes longer than two seconds, which a busy machine decides, the status says so by one write more. */
    static RunWrites fewest(Ranch ranch, Supplier<String> namespace) {
        return Stream.generate(() -> measured(ranch, namespace.get()))
                .limit(3)
                .min(Comparator.comparingInt(RunWrites::added))
                .orElseThrow();
    }

    static RunWrites measured(Ranch ranch, String namespace) {
        var before = until(ranch, namespace);
        ranch.endsWell(ranch.start(namespace));
        // the controller's last word is the Event after the end
        soon("two Events of the controller")
                .until(() -> persisted(ranch.controller().proxy(), namespace).stream()
                                        .filter(write -> write.path().endsWith("/events"))
                                        .count()
                                % 2
                        == 0);
        var now = until(ranch, namespace);
        return new RunWrites(now.controller - before.controller, now.gateway - before.gateway);
    }

    /** A bare pod's own is one of the controller's (its creation), the plugin's Event is one of the gateway's: what is left is what Corral adds. */
    int added() {
        return controller - 1 + gateway - 1;
    }

    boolean isWithin(RunWrites most) {
        return controller <= most.controller && gateway <= most.gateway;
    }

    private static RunWrites until(Ranch ranch, String namespace) {
        return new RunWrites(
                persisted(ranch.controller().proxy(), namespace).size(),
                persisted(ranch.gateway().proxy(), namespace).size());
    }

    private static List<Write> persisted(FaultProxy proxy, String namespace) {
        return proxy.writes().stream()
                .filter(Write::persisted)
                .filter(write -> write.in(namespace))
                .toList();
    }
}
