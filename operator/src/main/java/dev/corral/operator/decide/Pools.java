package dev.corral.operator.decide;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the pools of a namespace have for one execution. {@code waiting}: verified pods nobody has claimed; {@code classes}: the sandbox
 * classes pools keep; {@code rival}: another execution whose claim names the pod this one's names, which only two leaders at once can
 * bring about.
 */
public record Pools(List<Pod> waiting, Set<String> classes, Optional<Rival> rival) {
    public static final Pools NONE = new Pools(List.of(), Set.of(), Optional.empty());

    public Pools {
        waiting = List.copyOf(waiting);
        classes = Set.copyOf(classes);
    }

    /** {@code served}: the gateway has heard from the pod's launcher on behalf of the other execution. */
    public record Rival(String name, boolean served) {}
}
