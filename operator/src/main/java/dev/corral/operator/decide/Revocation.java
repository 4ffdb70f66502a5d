package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.DecidedPlugin;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.Given;
import dev.corral.operator.policy.ImageReference;
import dev.corral.operator.policy.Request;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Request.PluginName;
import dev.corral.operator.policy.Verdict;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.GivenReader;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a live run is still granted what it was given. The question is put to the policies as they are now with what was given in
 * the plugin's place, so that a plugin edited since does not matter, nor a policy that now grants more. Limits do not count.
 */
record Revocation(AlwaysExcepted excepted) {
    /** As many reasons as fit a condition. */
    private static final int MOST = 4;

    /** What came of the question. */
    sealed interface Answer {}

    /** All the run was given is still granted: this. */
    record Stands(EffectivePermissions granted) implements Answer {}

    /** The order to stop, with what is missing. */
    record Due(StopOrder order) implements Answer {}

    Answer ask(Snapshot world, Pod pod, Instant now) {
        PluginExecutionStatus status = world.execution().getStatus();
        DecidedPlugin plugin = status == null ? null : status.plugin();
        Optional<Given> given = given(pod);
        Optional<Request> question = given.isEmpty() || plugin == null
                ? Optional.empty()
                : question(
                        world,
                        plugin.kind(),
                        plugin.name(),
                        plugin.image(),
                        given.get().permissions());
        if (question.isEmpty()) {
            return due("what the run was given cannot be read from its pod any more");
        }
        return switch (Admission.policies(world).decide(question.get(), excepted, now)) {
            case Verdict.Denied(var denials) ->
                due(denials.stream()
                        .limit(MOST)
                        .map(denial -> denial.message())
                        .collect(Collectors.joining("; ", "no longer granted: ", "")));
            case Verdict.Granted(var effective, var audited) -> compared(given.get(), effective, status);
        };
    }

    private static Answer due(String why) {
        return new Due(new StopOrder(ConditionReason.PolicyRevoked, why));
    }

    private static Answer compared(
            Given given, EffectivePermissions effective, @Nullable PluginExecutionStatus status) {
        List<String> missing = given.missingFrom(effective);
        List<String> untolerated = Proofs.unproven(status == null ? null : status.enforcement()).stream()
                .filter(word -> !effective.tolerateUnenforced().contains(word))
                .map(word -> "tolerateUnenforced " + word)
                .toList();
        List<String> all = Stream.concat(missing.stream(), untolerated.stream())
                .limit(MOST)
                .toList();
        return all.isEmpty() ? new Stands(effective) : due("no longer granted: " + String.join("; ", all));
    }

    /** What the run was given, as its pod says; empty where that cannot be read. */
    static Optional<Given> given(Pod pod) {
        return pod.getMetadata().getAnnotations() == null
                ? Optional.empty()
                : GivenReader.read(pod.getMetadata().getAnnotations().get(OwnedLabels.GIVEN));
    }

    /** What a run was given, as a question to the policies; empty where nobody can say of which plugin it is. */
    static Optional<Request> question(
            Snapshot world, @Nullable String kind, @Nullable String name, @Nullable String image, Permissions given) {
        if (kind == null || name == null || image == null) {
            return Optional.empty();
        }
        return ImageReference.parse(image, "status.plugin.image")
                .asOptional()
                .map(reference -> new Request(
                        world.execution().getMetadata().getNamespace(),
                        world.namespaceLabels(),
                        PluginName.of(kind, name),
                        reference,
                        Layer.complete("the run", "status", given),
                        Optional.empty(),
                        Optional.empty(),
                        given.secrets(),
                        List.of(),
                        OptionalLong.empty(),
                        List.of(),
                        List.of()));
    }
}
