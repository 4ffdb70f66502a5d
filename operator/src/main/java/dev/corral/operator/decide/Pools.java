package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginPoolStatus;
import dev.corral.api.v1alpha1.PoolShare;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the pools of a namespace have for one execution. {@code waiting}: pods that said what they proved and nobody has claimed;
 * {@code classes}: the sandbox classes pools keep; {@code rival}: another execution whose claim names the pod this one's names, which two
 * leaders at once can bring about, or a claim whose answer was lost; {@code surge}: executions take pods so fast that what nobody waits
 * for waits longer.
 */
public record Pools(List<Pod> waiting, Set<String> classes, Optional<Rival> rival, boolean surge) {
    public static final Pools NONE = new Pools(List.of(), Set.of(), Optional.empty(), false);

    public Pools {
        waiting = List.copyOf(waiting);
        classes = Set.copyOf(classes);
    }

    /** The classes a pool said it keeps pods of. */
    public static Set<String> kept(@Nullable PluginPoolStatus status) {
        return status == null
                ? Set.of()
                : Stream.concat(
                                Stream.ofNullable(status.sandboxClass()),
                                Stream.ofNullable(status.shares())
                                        .flatMap(List::stream)
                                        .map(PoolShare::sandboxClass))
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** {@code served}: the gateway has heard from the pod's launcher on behalf of the other execution. */
    public record Rival(String name, boolean served) {}
}
