package dev.corral.operator.decide;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.ExecutionMode;
import dev.corral.api.v1alpha1.FileDigest;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.PlanPreview;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.observe.Evidence;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.plan.Planner;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.policy.Denial;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.PolicySet;
import dev.corral.operator.policy.Request;
import dev.corral.operator.policy.Request.PluginName;
import dev.corral.operator.policy.Verdict;
import dev.corral.operator.render.PodIdentity;
import dev.corral.operator.schema.CanonicalJson;
import dev.corral.operator.schema.SchemaCheck;
import dev.corral.operator.spec.SpecReader;
import dev.corral.operator.spec.Unread;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** From an execution to a plan, or to the reason why there is none: plugin, handler, input, verdict, plan, in this order. */
final class Admission {
    /** Largest inline input; the gateway takes as much from a ConfigMap. */
    private static final int INPUT_BYTES = 256 << 10;

    private static final int INPUT_DEPTH = 64;

    private final AlwaysExcepted excepted;

    private final Duration starts;

    Admission(AlwaysExcepted excepted) {
        this(excepted, PodIdentity.STARTS);
    }

    /** {@code starts}: what the start of a pod may take, for the preview of one. */
    Admission(AlwaysExcepted excepted, Duration starts) {
        this.excepted = excepted;
        this.starts = starts;
    }

    /** What became of an execution at the gate. */
    sealed interface Outcome {}

    /** It may run, by these policies. */
    record Admitted(
            ExecutionPlan plan, String handler, DecidedAssignment assignment, List<String> audited, PolicySet policies)
            implements Outcome {}

    /** Something it names may still appear. */
    record Missing(ConditionReason reason, String message) implements Outcome {}

    /** It will not run. */
    record Refused(Ending ending) implements Outcome {}

    /** {@code mode: Plan}: this is what would run. */
    record Planned(PlanPreview preview, Ending ending) implements Outcome {}

    /** Decides, and writes verdict, plugin, policy and effective permissions into the draft. */
    Outcome admit(Snapshot world, int attempt, Instant now, StatusDraft draft) {
        return admit(world, attempt, now, draft, true);
    }

    /** The same for an execution that has no input yet: what a pool prepares for. */
    Outcome admitAhead(Snapshot world, Instant now, StatusDraft draft) {
        return admit(world, 1, now, draft, false);
    }

    private Outcome admit(Snapshot world, int attempt, Instant now, StatusDraft draft, boolean withInput) {
        PluginExecution execution = world.execution();
        Optional<FoundPlugin> found = world.plugin();
        if (found.isEmpty()) {
            return new Missing(ConditionReason.PluginNotFound, missing(execution.getSpec()));
        }
        FoundPlugin plugin = found.get();
        Optional<Handler> handler =
                SpecReader.handler(plugin.spec(), execution.getSpec().handler());
        if (handler.isEmpty()) {
            return new Refused(Ending.of(
                    ConditionReason.HandlerNotFound,
                    "spec.handler \"" + execution.getSpec().handler() + "\" is not among the handlers of "
                            + plugin.kind() + " " + plugin.name() + ": " + names(plugin)));
        }
        if (Unread.is(execution.getSpec().input())) {
            return new Refused(Ending.of(
                    ConditionReason.InputInvalid,
                    "spec.input " + Unread.WORDS + "; make it smaller, or stage it with spec.files"));
        }
        if (CanonicalJson.deeperThan(execution.getSpec().input(), INPUT_DEPTH)) {
            return new Refused(Ending.of(
                    ConditionReason.InputInvalid,
                    "spec.input nests deeper than " + INPUT_DEPTH + " levels; make it flatter"));
        }
        if (CanonicalJson.text(execution.getSpec().input()).length() > INPUT_BYTES) {
            return new Refused(Ending.of(
                    ConditionReason.InputInvalid,
                    "spec.input is larger than 256 KiB; make it smaller, or stage it with spec.files"));
        }
        List<String> problems = withInput ? inputProblems(execution, handler.get()) : List.of();
        if (!problems.isEmpty()) {
            return new Refused(Ending.of(ConditionReason.InputInvalid, String.join("; ", problems)));
        }
        List<Violation> paths = withInput ? Assigning.longPaths(plugin, run(execution, attempt)) : List.of();
        if (!paths.isEmpty()) {
            return new Refused(malformed(paths));
        }
        return switch (request(world, plugin)) {
            case Parsed.Malformed<Request>(var violations) -> new Refused(malformed(violations));
            case Parsed.Value<Request>(var request) ->
                judge(world, plugin, handler.get(), request, attempt, now, draft);
        };
    }

    /** What the execution asks of the policies. */
    static Parsed<Request> request(Snapshot world, FoundPlugin plugin) {
        return SpecReader.request(
                world.execution().getMetadata().getNamespace(),
                world.namespaceLabels(),
                PluginName.of(plugin.kind(), plugin.name()),
                plugin.spec(),
                world.execution().getSpec(),
                Staging.plugins(world.producers()));
    }

    private Outcome judge(
            Snapshot world,
            FoundPlugin plugin,
            Handler handler,
            Request request,
            int attempt,
            Instant now,
            StatusDraft draft) {
        PolicySet policies = policies(world);
        Verdict verdict = world.execution().getSpec().mode() == ExecutionMode.Learn
                ? policies.decideLearning(request, excepted, now)
                : policies.decide(request, excepted, now);
        Optional<Denial> priority = Bounds.priority(world, policies, request, now);
        if (verdict instanceof Verdict.Granted && priority.isPresent()) {
            return denied(List.of(priority.get()), draft);
        }
        return switch (verdict) {
            case Verdict.Denied(var denials) -> {
                draft.plan(new PlanPreview(
                        null, policies.proposal(request, excepted, now).orElse(null)));
                yield denied(denials, draft);
            }
            case Verdict.Granted(var effective, var audited) ->
                granted(world, plugin, handler, request, effective, audited, attempt, now, draft, policies);
        };
    }

    static PolicySet policies(Snapshot world) {
        return new PolicySet(
                world.clusterPolicies().stream().map(SpecReader::clusterRule).toList(),
                world.policies().stream().map(SpecReader::namespaceRule).toList());
    }

    private static Outcome denied(List<Denial> denials, StatusDraft draft) {
        String message = denials.stream()
                .map(denial -> denial.path() + ": " + denial.message() + "; " + denial.remedy())
                .collect(Collectors.joining("\n"));
        draft.verdict("Denied").conditions().no(ConditionType.PermissionsGranted, ConditionReason.Denied, message);
        Map<String, String> details = denials.stream()
                .limit(16)
                .collect(
                        Collectors.toMap(Denial::path, denial -> denial.reason().name(), (a, b) -> a));
        return new Refused(new Ending(ConditionReason.Denied, message, details));
    }

    private Outcome granted(
            Snapshot world,
            FoundPlugin plugin,
            Handler handler,
            Request request,
            EffectivePermissions effective,
            List<String> audited,
            int attempt,
            Instant now,
            StatusDraft draft,
            PolicySet policies) {
        PluginExecution execution = world.execution();
        RunIdentity run = run(execution, attempt);
        ExecutionPlan plan = new Planner(world.installation())
                .plan(run, request.image(), Assigning.handler(handler, plugin, execution.getSpec(), run), effective);
        draft.verdict("Granted")
                .plan(null)
                .decided(
                        CanonicalJson.hash(execution.getSpec().input()),
                        GrantStatus.plugin(plugin),
                        GrantStatus.policy(effective),
                        GrantStatus.lines(effective));
        draft.conditions()
                .yes(
                        ConditionType.PermissionsGranted,
                        ConditionReason.GrantedByPolicy,
                        effective.lines().size() + " effective permissions, by " + GrantStatus.sources(effective)
                                + audited.stream()
                                        .map(finding -> "\n" + finding)
                                        .collect(Collectors.joining()));
        if (execution.getSpec().mode() == ExecutionMode.Plan) {
            draft.enforcement(
                    Proofs.of(effective, Evidence.none(), world.openings()).rows());
            return new Planned(
                    PlanText.preview(world.installation(), plan, starts, policies.proposal(request, excepted, now)),
                    Ending.of(
                            ConditionReason.Planned,
                            "would run with " + effective.lines().size() + " effective permissions"));
        }
        return switch (Staging.of(world, now)) {
            case Staging.Waiting(var message) -> new Missing(ConditionReason.WaitingForArtifact, message);
            case Staging.Unavailable(var message) -> new Refused(Ending.of(ConditionReason.InputUnavailable, message));
            case Staging.Ready staged ->
                staged(plan, handler, execution.getSpec(), effective, audited, policies, staged);
        };
    }

    private static Outcome staged(
            ExecutionPlan plan,
            Handler handler,
            PluginExecutionSpec spec,
            EffectivePermissions effective,
            List<String> audited,
            PolicySet policies,
            Staging.Ready staged) {
        long bytes = staged.files().stream().mapToLong(FileDigest::size).sum();
        if (bytes > effective.limits().diskBytes()) {
            return new Refused(Ending.of(
                    ConditionReason.InputUnavailable,
                    "spec.files: the artifacts are " + bytes + " bytes, which is more than limits.disk ("
                            + effective.limits().diskBytes() + "); raise that, within policy"));
        }
        // an inline input has been checked here; one from elsewhere is checked by the gateway, who sees it first
        String schema = spec.inputFrom() == null ? "" : SchemaCheck.hash(handler.input());
        return new Admitted(
                plan, handler.name(), Assigning.assignment(plan, effective, schema, staged), audited, policies);
    }

    private static RunIdentity run(PluginExecution execution, int attempt) {
        return new RunIdentity(
                execution.getMetadata().getNamespace(),
                execution.getMetadata().getName(),
                execution.getMetadata().getUid(),
                attempt);
    }

    private static Ending malformed(List<Violation> violations) {
        String message = violations.stream()
                .limit(16)
                .map(violation -> violation.path() + ": " + violation.message())
                .collect(Collectors.joining("\n"));
        return Ending.of(ConditionReason.Malformed, message);
    }

    private static List<String> inputProblems(PluginExecution execution, Handler handler) {
        JsonNode input = execution.getSpec().input();
        return execution.getSpec().inputFrom() != null
                ? List.of()
                : SchemaCheck.problems(execution.getMetadata().getNamespace(), handler.input(), input, "spec.input");
    }

    private static String names(FoundPlugin plugin) {
        return list(plugin.spec().handlers()).stream().map(Handler::name).collect(Collectors.joining(", "));
    }

    private static String missing(PluginExecutionSpec spec) {
        if (spec.plugin() == null) {
            return "spec.plugin is missing";
        }
        return spec.plugin().clusterName() != null
                ? "ClusterPlugin " + spec.plugin().clusterName() + " does not exist"
                : "Plugin " + spec.plugin().name() + " does not exist in this namespace";
    }

    private static <T> List<T> list(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
