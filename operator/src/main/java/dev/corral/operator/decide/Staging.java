package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ArtifactReference;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.FileDigest;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.StagedFile;
import dev.corral.operator.policy.Request.PluginName;
import dev.corral.operator.status.ConditionSet;
import dev.corral.operator.status.StatusDraft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The artifacts an execution takes from others: which bytes they are, or what stands in the way. */
sealed interface Staging {
    /** All of them are there; {@code input} is the digest of the one that is the input. */
    record Ready(Optional<String> input, List<FileDigest> files) implements Staging {}

    /** An execution that leaves one has not ended, or is not there yet. */
    record Waiting(String message) implements Staging {}

    /** One of them will never be there. */
    record Unavailable(String message) implements Staging {}

    /** Largest artifact that can be an input; the gateway takes no more. */
    long INPUT_BYTES = 256 << 10;

    /** Names of the executions whose artifacts it takes. */
    static Set<String> producers(@Nullable PluginExecutionSpec spec) {
        Set<String> names = new LinkedHashSet<>();
        if (spec != null) {
            input(spec).map(ArtifactReference::execution).ifPresent(names::add);
            files(spec).stream()
                    .map(StagedFile::artifact)
                    .filter(Objects::nonNull)
                    .map(ArtifactReference::execution)
                    .forEach(names::add);
        }
        return names;
    }

    /** The plugins those executions run, as far as that is decided. */
    static Map<String, PluginName> plugins(Map<String, PluginExecution> producers) {
        Map<String, PluginName> plugins = new HashMap<>();
        producers.forEach((name, producer) -> {
            PluginExecutionStatus status = producer.getStatus();
            if (status != null
                    && status.plugin() != null
                    && status.plugin().kind() != null
                    && status.plugin().name() != null) {
                plugins.put(
                        name,
                        PluginName.of(status.plugin().kind(), status.plugin().name()));
            }
        });
        return plugins;
    }

    /** When the last of those executions ended: until then nothing could be started. */
    static Optional<Instant> complete(Snapshot world) {
        return world.producers().values().stream()
                .map(PluginExecution::getStatus)
                .filter(Objects::nonNull)
                .flatMap(status -> StatusDraft.time(status.completionTime()).stream())
                .max(Instant::compareTo);
    }

    static Staging of(Snapshot world, Instant now) {
        PluginExecutionSpec spec = world.execution().getSpec();
        DecidedAssignment before = world.execution().getStatus() == null
                ? null
                : world.execution().getStatus().assignment();
        Optional<String> input = Optional.empty();
        List<FileDigest> files = new ArrayList<>();
        List<String> waiting = new ArrayList<>();
        Optional<ArtifactReference> source = input(spec);
        if (source.isPresent()) {
            String path = "spec.inputFrom.artifact";
            switch (One.of(world, source.get(), now)) {
                case One.Missing(var why) -> waiting.add(path + ": " + why);
                case One.Gone(var why) -> {
                    return new Unavailable(path + ": " + why);
                }
                case One.There(var sha256, var size) -> {
                    if (size > INPUT_BYTES) {
                        return new Unavailable(path + " is larger than 256 KiB; stage it with spec.files instead");
                    }
                    if (before != null && before.inputDigest() != null && !sha256.equals(before.inputDigest())) {
                        return new Unavailable(path + " is not the one the first attempt had");
                    }
                    input = Optional.of(sha256);
                }
            }
        }
        List<StagedFile> named = files(spec);
        for (int i = 0; i < named.size(); i++) {
            StagedFile file = named.get(i);
            if (file.artifact() == null) {
                continue;
            }
            String path = "spec.files[" + i + "].artifact";
            switch (One.of(world, file.artifact(), now)) {
                case One.Missing(var why) -> waiting.add(path + ": " + why);
                case One.Gone(var why) -> {
                    return new Unavailable(path + ": " + why);
                }
                case One.There(var sha256, var size) -> {
                    if (changed(before, file.name(), sha256)) {
                        return new Unavailable(path + " is not the one the first attempt had");
                    }
                    files.add(new FileDigest(file.name(), sha256, size));
                }
            }
        }
        return waiting.isEmpty() ? new Ready(input, List.copyOf(files)) : new Waiting(String.join("; ", waiting));
    }

    private static boolean changed(@Nullable DecidedAssignment before, String name, String sha256) {
        return before != null
                && before.files() != null
                && before.files().stream().anyMatch(file -> name.equals(file.name()) && !sha256.equals(file.sha256()));
    }

    private static Optional<ArtifactReference> input(PluginExecutionSpec spec) {
        return spec.inputFrom() == null
                ? Optional.empty()
                : Optional.ofNullable(spec.inputFrom().artifact());
    }

    private static List<StagedFile> files(PluginExecutionSpec spec) {
        return spec.files() == null ? List.of() : spec.files();
    }

    /** One of them. */
    sealed interface One {
        record There(String sha256, long size) implements One {}

        record Missing(String why) implements One {}

        record Gone(String why) implements One {}

        static One of(Snapshot world, ArtifactReference wanted, Instant now) {
            if (wanted.execution().equals(world.execution().getMetadata().getName())) {
                return new Gone("an execution cannot take its own artifact");
            }
            PluginExecution producer = world.producers().get(wanted.execution());
            String who = "PluginExecution " + wanted.execution();
            if (producer == null) {
                return new Missing(who + " does not exist");
            }
            PluginExecutionStatus status = producer.getStatus();
            if (status == null || !status.ended()) {
                return new Missing(who + " has not ended");
            }
            if (!ConditionSet.is(status.conditions(), ConditionType.Succeeded, "True")) {
                return new Gone(who + " did not succeed, so it leaves nothing to others");
            }
            ArtifactStatus left = status.artifacts() == null
                    ? null
                    : status.artifacts().stream()
                            .filter(artifact -> wanted.artifact().equals(artifact.name()))
                            .findFirst()
                            .orElse(null);
            return left == null
                    ? new Gone(who + " has no artifact \"" + wanted.artifact() + "\"")
                    : judged(left, who, now);
        }

        private static One judged(ArtifactStatus left, String who, Instant now) {
            String what = "artifact \"" + left.name() + "\" of " + who;
            if (!"Ready".equals(left.state()) || left.sha256() == null || left.size() == null) {
                return new Gone(what + " is " + left.state() + (left.problem() == null ? "" : ": " + left.problem()));
            }
            return StatusDraft.time(left.expires())
                            .filter(expires -> !now.isBefore(expires))
                            .isPresent()
                    ? new Gone(what + " expired at " + left.expires())
                    : new There(left.sha256(), left.size());
        }
    }
}
