package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginStatus;
import dev.corral.api.v1alpha1.PolicyStatus;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.policy.ClusterRule;
import dev.corral.operator.spec.SpecReader;
import dev.corral.operator.status.ConditionSet;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says of plugins and policies whether they can be used, in their own status, before an execution stumbles over them. Of those of the
 * whole cluster every installation says the same, once per generation, and only where it is not said yet.
 */
public final class Linting {
    private static final Duration SOON = Duration.ofMillis(300);
    /** Labels of namespaces change seldom, and nothing waits for what is said here. */
    private static final Duration LATER = Duration.ofMinutes(5);

    private Linting() {}

    /** One reconciler per kind: JOSDK tells them apart by their type. */
    public static List<Reconciler<? extends HasMetadata>> reconcilers(
            InstantSource clock, Function<String, Optional<Boolean>> serves) {
        return List.of(
                new Plugins(clock, serves),
                new ClusterPlugins(clock),
                new Policies(clock, serves),
                new ClusterPolicies(clock));
    }

    /** When to look again at an object in a namespace that is not ours, or not known yet to be; empty: it is ours. */
    private static Optional<Duration> notOurs(HasMetadata object, Function<String, Optional<Boolean>> serves) {
        return serves.apply(object.getMetadata().getNamespace())
                .map(ours -> ours ? Optional.<Duration>empty() : Optional.of(LATER))
                .orElse(Optional.of(SOON));
    }

    @ControllerConfiguration(name = "plugin")
    record Plugins(InstantSource clock, Function<String, Optional<Boolean>> serves) implements Reconciler<Plugin> {
        @Override
        public UpdateControl<Plugin> reconcile(Plugin plugin, Context<Plugin> context) {
            Optional<Duration> later = notOurs(plugin, serves);
            if (later.isPresent()) {
                return UpdateControl.<Plugin>noUpdate().rescheduleAfter(later.get());
            }
            List<Condition> before =
                    plugin.getStatus() == null ? null : plugin.getStatus().conditions();
            List<Condition> now = ready(plugin, SpecReader.lint(plugin.getSpec()), before, clock.instant());
            Plugin fresh = new Plugin();
            fresh.setMetadata(name(plugin));
            fresh.setStatus(new PluginStatus(plugin.getMetadata().getGeneration(), now));
            return now.equals(before) ? UpdateControl.noUpdate() : UpdateControl.patchStatus(fresh);
        }
    }

    @ControllerConfiguration(name = "clusterplugin")
    record ClusterPlugins(InstantSource clock) implements Reconciler<ClusterPlugin> {
        @Override
        public UpdateControl<ClusterPlugin> reconcile(ClusterPlugin plugin, Context<ClusterPlugin> context) {
            List<Condition> before =
                    plugin.getStatus() == null ? null : plugin.getStatus().conditions();
            List<Condition> now = ready(plugin, SpecReader.lint(plugin.getSpec()), before, clock.instant());
            ClusterPlugin fresh = new ClusterPlugin();
            fresh.setMetadata(name(plugin));
            fresh.setStatus(new PluginStatus(plugin.getMetadata().getGeneration(), now));
            return now.equals(before) ? UpdateControl.noUpdate() : UpdateControl.patchStatus(fresh);
        }
    }

    @ControllerConfiguration(name = "pluginpolicy")
    record Policies(InstantSource clock, Function<String, Optional<Boolean>> serves)
            implements Reconciler<PluginPolicy> {
        @Override
        public UpdateControl<PluginPolicy> reconcile(PluginPolicy policy, Context<PluginPolicy> context) {
            Optional<Duration> later = notOurs(policy, serves);
            if (later.isPresent()) {
                return UpdateControl.<PluginPolicy>noUpdate().rescheduleAfter(later.get());
            }
            List<Condition> before =
                    policy.getStatus() == null ? null : policy.getStatus().conditions();
            List<Condition> now = ready(policy, SpecReader.namespaceRule(policy).problems(), before, clock.instant());
            PluginPolicy fresh = new PluginPolicy();
            fresh.setMetadata(name(policy));
            fresh.setStatus(new PolicyStatus(policy.getMetadata().getGeneration(), now));
            return now.equals(before) ? UpdateControl.noUpdate() : UpdateControl.patchStatus(fresh);
        }
    }

    @ControllerConfiguration(name = "clusterpluginpolicy")
    record ClusterPolicies(InstantSource clock) implements Reconciler<ClusterPluginPolicy> {
        @Override
        public UpdateControl<ClusterPluginPolicy> reconcile(
                ClusterPluginPolicy policy, Context<ClusterPluginPolicy> context) {
            ClusterRule rule = SpecReader.clusterRule(policy);
            Instant time = clock.instant();
            List<Condition> before =
                    policy.getStatus() == null ? null : policy.getStatus().conditions();
            List<Condition> now = rule.isExpired(time)
                    ? new ConditionSet(before, generation(policy), time)
                            .no(ConditionType.Ready, ConditionReason.Expired, "expired; it grants and denies nothing")
                            .list()
                    : ready(policy, rule.problems(), before, time);
            ClusterPluginPolicy fresh = new ClusterPluginPolicy();
            fresh.setMetadata(name(policy));
            fresh.setStatus(new PolicyStatus(policy.getMetadata().getGeneration(), now));
            UpdateControl<ClusterPluginPolicy> update =
                    now.equals(before) ? UpdateControl.noUpdate() : UpdateControl.patchStatus(fresh);
            Optional<Duration> left =
                    rule.expires().map(end -> Duration.between(time, end)).filter(Duration::isPositive);
            return left.isPresent() ? update.rescheduleAfter(left.get()) : update;
        }
    }

    private static List<Condition> ready(
            HasMetadata object, List<Violation> problems, @Nullable List<Condition> before, Instant now) {
        ConditionSet conditions = new ConditionSet(before, generation(object), now);
        if (problems.isEmpty()) {
            return conditions
                    .yes(ConditionType.Ready, ConditionReason.Valid, "can be used")
                    .list();
        }
        String message = problems.stream().limit(8).map(Violation::toString).collect(Collectors.joining("\n"));
        return conditions
                .no(ConditionType.Ready, ConditionReason.Malformed, message)
                .list();
    }

    private static long generation(HasMetadata object) {
        Long generation = object.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    private static ObjectMeta name(HasMetadata object) {
        return new ObjectMetaBuilder()
                .withName(object.getMetadata().getName())
                .withNamespace(object.getMetadata().getNamespace())
                .build();
    }
}
