package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ExecutionMode;
import dev.corral.api.v1alpha1.Permissions;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.api.v1alpha1.SecretPermission;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What runs of one kind ask for before they have an input, and how many there were. {@code plugin} is the one they name, where it is
 * there. Files, Secrets and the modes that only plan or learn are no demand: a pool mounts nothing that nobody told it to.
 */
public record Demand(PluginExecutionSpec asked, Optional<FoundPlugin> plugin, int runs) {
    /** What came longer ago says nothing about what comes next. */
    private static final Duration LATELY = Duration.ofMinutes(10);
    /** Each kind is decided about at every look; what is rarer than these starts cold. */
    private static final int KINDS = 8;

    /**
     * What has pods counts so many times. What runs about as often would take turns otherwise, and at each turn pods would go without a run
     * and others be made.
     */
    static final int STAYS = 2;

    /** Of what was created in the last ten minutes the eight most frequent kinds; of those that {@code pods} were made for runs count twice. */
    public static List<Demand> lately(
            Stream<PluginExecution> ofNamespace,
            Collection<Pod> pods,
            Function<PluginReference, Optional<FoundPlugin>> plugins,
            Instant now) {
        Map<PluginExecutionSpec, Integer> runs = ofNamespace
                .filter(execution -> isRecent(execution, now.minus(LATELY)))
                .flatMap(execution -> Stream.ofNullable(execution.getSpec()))
                .filter(Demand::isPreparable)
                .collect(Collectors.toMap(
                        spec -> asked(spec.plugin(), spec.handler(), null, spec.permissions(), spec.timeout()),
                        spec -> 1,
                        Integer::sum));
        Set<String> kept = pods.stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .flatMap(pod ->
                        Stream.ofNullable(pod.getMetadata().getAnnotations().get(OwnedLabels.KIND)))
                .collect(Collectors.toSet());
        Set<PluginExecutionSpec> stay = runs.keySet().stream()
                .filter(asked -> kept.contains(kind(asked)))
                .collect(Collectors.toSet());
        return runs.entrySet().stream()
                .sorted(Comparator.<Map.Entry<PluginExecutionSpec, Integer>>comparingInt(
                                entry -> entry.getValue() * (stay.contains(entry.getKey()) ? STAYS : 1))
                        .reversed()
                        .thenComparing(entry -> entry.getKey().toString()))
                .limit(KINDS)
                .map(entry ->
                        new Demand(entry.getKey(), plugins.apply(entry.getKey().plugin()), entry.getValue()))
                .toList();
    }

    /** What a pod says of the runs that it was made for. */
    static String kind(PluginExecutionSpec asked) {
        return ObjectNames.hash(asked.toString()).substring(0, 16);
    }

    private static boolean isRecent(PluginExecution execution, Instant since) {
        return StatusDraft.time(execution.getMetadata().getCreationTimestamp())
                .filter(created -> !created.isBefore(since))
                .isPresent();
    }

    private static boolean isPreparable(PluginExecutionSpec spec) {
        return spec.plugin() != null
                && spec.handler() != null
                && isEmpty(spec.secrets())
                && isEmpty(spec.files())
                && (spec.mode() == null || spec.mode() == ExecutionMode.Run);
    }

    private static boolean isEmpty(@Nullable List<?> list) {
        return list == null || list.isEmpty();
    }

    /** An execution of which nothing is known but what decides about its class. */
    static PluginExecutionSpec asked(
            PluginReference plugin,
            String handler,
            @Nullable List<SecretPermission> secrets,
            @Nullable Permissions permissions,
            @Nullable String timeout) {
        return new PluginExecutionSpec(
                plugin,
                handler,
                null,
                null,
                null,
                null,
                secrets,
                permissions,
                timeout,
                null,
                null,
                null,
                null,
                null,
                null);
    }
}
