package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ArtifactDeclaration;
import dev.corral.api.v1alpha1.AssignedLimits;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.StagedFile;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.TopicPattern;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.ExecutionPlan.ArtifactSlot;
import dev.corral.operator.plan.ExecutionPlan.ClaimDirectory;
import dev.corral.operator.plan.ExecutionPlan.HandlerPlan;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a handler is given: its part of the plan, and the assignment that the claim writes. */
final class Assigning {
    private static final long GRACE_MILLIS = 5000;

    /** Longest path of an artifact, in the plugin and, with the run's names filled in, in its assignment. */
    private static final int PATH_LENGTH = 256;

    private Assigning() {}

    /** What is run, and what of the execution shapes its pod. */
    static HandlerPlan handler(Handler handler, FoundPlugin plugin, PluginExecutionSpec spec, RunIdentity run) {
        return new HandlerPlan(
                list(handler.command()),
                envNames(spec),
                slots(plugin, run),
                !list(spec.files()).isEmpty(),
                claims(spec));
    }

    /** What the gateway delivers once the pod is claimed. {@code schema} is the hash of what it checks the input by; empty: none. */
    static DecidedAssignment assignment(
            ExecutionPlan plan, EffectivePermissions effective, String schema, Staging.Ready staged) {
        Limits limits = effective.limits();
        return new DecidedAssignment(
                plan.handler().command(),
                plan.handler().env(),
                staged.input().orElse(null),
                schema.isEmpty() ? null : schema,
                staged.files().isEmpty() ? null : staged.files(),
                plan.handler().artifacts().stream()
                        .map(slot -> new ArtifactDeclaration(
                                slot.name(),
                                slot.path(),
                                slot.type(),
                                slot.ttl().orElse(null)))
                        .toList(),
                effective.produce().stream().map(TopicPattern::toString).toList(),
                effective.hosts().isEmpty() ? null : texts(effective.hosts()),
                effective.denyHosts().isEmpty() ? null : texts(effective.denyHosts()),
                new AssignedLimits(
                        limits.timeoutMillis(),
                        GRACE_MILLIS,
                        limits.memoryBytes() + LauncherShare.MEMORY_BYTES,
                        limits.diskBytes(),
                        (int) limits.processes(),
                        limits.outputBytes(),
                        (int) limits.events(),
                        limits.cpuTimeMillis().isPresent()
                                ? limits.cpuTimeMillis().getAsLong()
                                : null),
                effective.learns() ? keeps(effective) : null);
    }

    /** Pods are reached by address, so a run that is watched cannot show which peer or service it needed. */
    private static List<String> keeps(EffectivePermissions effective) {
        return Stream.concat(
                        effective.peers().stream().map(peer -> PermissionField.NETWORK_PEERS.path() + " " + peer),
                        effective.services().stream()
                                .map(service -> PermissionField.NETWORK_SERVICES.path() + " " + service.name()))
                .distinct()
                .toList();
    }

    private static List<String> texts(List<HostPattern> hosts) {
        return hosts.stream().map(HostPattern::toString).toList();
    }

    private static List<ClaimDirectory> claims(PluginExecutionSpec spec) {
        List<ClaimDirectory> claims = new ArrayList<>();
        for (StagedFile file : list(spec.files())) {
            if (file.claim() != null) {
                claims.add(new ClaimDirectory(
                        file.name(),
                        file.claim().name(),
                        file.claim().path() == null ? "" : file.claim().path()));
            }
        }
        return claims;
    }

    private static List<ArtifactSlot> slots(FoundPlugin plugin, RunIdentity run) {
        return list(plugin.spec().artifacts()).stream()
                .map(declared -> new ArtifactSlot(
                        declared.name(),
                        declared.path()
                                .replace("{runId}", run.name())
                                .replace("{attempt}", Integer.toString(run.attempt()))
                                .replace("{plugin}", plugin.name()),
                        declared.type() == null ? "application/octet-stream" : declared.type(),
                        Optional.ofNullable(declared.ttl())))
                .toList();
    }

    private static List<String> envNames(PluginExecutionSpec spec) {
        return list(spec.env()).stream().map(EnvVariable::name).toList();
    }

    /** The schema bounds what the plugin says; the names it stands for are up to 253 characters each. */
    static List<Violation> longPaths(FoundPlugin plugin, RunIdentity run) {
        List<Violation> tooLong = new ArrayList<>();
        List<ArtifactSlot> slots = slots(plugin, run);
        for (int i = 0; i < slots.size(); i++) {
            int length = slots.get(i).path().length();
            if (length > PATH_LENGTH) {
                tooLong.add(new Violation(
                        "spec.artifacts[" + i + "].path",
                        ViolationReason.OutOfRange,
                        plugin.kind() + "/" + plugin.name() + ": comes to " + length
                                + " characters with the names of this run, and " + PATH_LENGTH
                                + " fit; shorten it, or the name of the execution"));
            }
        }
        return tooLong;
    }

    private static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
