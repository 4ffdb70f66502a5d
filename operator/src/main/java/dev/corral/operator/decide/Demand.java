package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ExecutionMode;
import dev.corral.api.v1alpha1.Permissions;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.api.v1alpha1.SecretPermission;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** Of what was created in the last ten minutes the eight most frequent kinds, the most frequent first. */
    public static List<Demand> lately(
            Stream<PluginExecution> ofNamespace,
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
        return runs.entrySet().stream()
                .sorted(Map.Entry.<PluginExecutionSpec, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(entry -> entry.getKey().toString()))
                .limit(KINDS)
                .map(entry ->
                        new Demand(entry.getKey(), plugins.apply(entry.getKey().plugin()), entry.getValue()))
                .toList();
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
