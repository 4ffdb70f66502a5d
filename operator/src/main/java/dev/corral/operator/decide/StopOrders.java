package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.operator.observe.NetworkOpening;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Why a live run must stop although nothing is wrong with the run itself. Each reason is one pure check of the snapshot. */
final class StopOrders {
    private StopOrders() {}

    /**
     * The first order that is due; empty while the run may go on. {@code correction} is due to its network policies, {@code tolerated} are
     * rows the policies of now tolerate unenforced.
     */
    static Optional<StopOrder> due(Snapshot world, Laying.Correction correction, Supplier<Set<String>> tolerated) {
        return widened(world.openings(), tolerated)
                .or(() -> uncorrected(world, correction, tolerated))
                .or(() -> widened(correction.opened(), tolerated));
    }

    /** The network is wider than what was granted, and no policy says that this may be so. */
    static Optional<StopOrder> widened(List<NetworkOpening> openings, Supplier<Set<String>> tolerated) {
        return openings.isEmpty() || tolerated.get().contains("network")
                ? Optional.empty()
                : Optional.of(new StopOrder(
                        ConditionReason.NetworkWidened,
                        openings.stream().limit(4).map(NetworkOpening::message).collect(Collectors.joining("\n"))));
    }

    /** Its policies are not what was rendered, and may not be written anew: nobody knows what it reaches. */
    private static Optional<StopOrder> uncorrected(
            Snapshot world, Laying.Correction correction, Supplier<Set<String>> tolerated) {
        return world.refusal()
                .filter(words ->
                        !correction.policies().isEmpty() && !tolerated.get().contains("network"))
                .map(words -> new StopOrder(
                        ConditionReason.NetworkWidened,
                        "a network policy of Corral's is not as Corral wrote it, and to write it anew was refused: "
                                + words));
    }
}
