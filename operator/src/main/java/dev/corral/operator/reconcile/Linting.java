package dev.corral.operator.reconcile;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.PluginStatus;
import dev.corral.api.v1alpha1.PolicyStatus;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.policy.Mode;
import dev.corral.operator.schema.SchemaCheck;
import dev.corral.operator.spec.SpecReader;
import dev.corral.operator.status.ConditionSet;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says of plugins and policies whether they can be used, in their own status, before an execution stumbles over them. Of those of the
 * whole cluster every installation says the same, once per generation, and only where it is not said yet.
 */
public final class Linting {
    private static final String USABLE = "can be used";
    private static final Duration SOON = Duration.ofMillis(300);
    /** Labels of namespaces change seldom, and nothing waits for what is said here. */
    private static final Duration LATER = Duration.ofMinutes(5);

    private final Applier applier;
    private final InstantSource clock;
    private final Function<String, Optional<Boolean>> serves;

    /** {@code serves}: whether a namespace is ours; empty until that is known. */
    public Linting(Applier applier, InstantSource clock, Function<String, Optional<Boolean>> serves) {
        this.applier = applier;
        this.clock = clock;
        this.serves = serves;
    }

    /** Of plugins, which its cache may keep slim. */
    public Reconciler<Plugin> plugins() {
        return new Plugins();
    }

    /** Of policies of a namespace, which its cache may keep slim. */
    public Reconciler<PluginPolicy> policies() {
        return new Policies();
    }

    /** One reconciler per kind: JOSDK tells them apart by their type. */
    public List<Reconciler<? extends HasMetadata>> others() {
        return List.of(new ClusterPlugins(), new ClusterPolicies());
    }

    /** When to look again at an object in a namespace that is not ours, or not known yet to be; empty: it is ours, or of the whole cluster. */
    private Optional<Duration> notOurs(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getNamespace())
                .flatMap(namespace -> serves.apply(namespace)
                        .map(ours -> ours ? Optional.<Duration>empty() : Optional.of(LATER))
                        .orElse(Optional.of(SOON)));
    }

    /** How conditions are read from a status, and a status is made of them. */
    private record Words<S>(
            Function<S, @Nullable List<Condition>> conditions, BiFunction<Long, List<Condition>, S> status) {
        static final Words<PluginStatus> OF_PLUGINS = new Words<>(PluginStatus::conditions, PluginStatus::new);
        static final Words<PolicyStatus> OF_POLICIES = new Words<>(PolicyStatus::conditions, PolicyStatus::new);
    }

    /** One kind. What is found is written before the next object has its turn: JOSDK would write it later, and the bulkhead not hold it back. */
    private abstract class Linter<R extends CustomResource<?, S>, S> implements Reconciler<R> {
        private final Words<S> words;
        private final Supplier<R> empty;
        private final Function<R, List<Violation>> problems;
        private final Bulkhead<R> bulkhead;

        Linter(Class<R> type, Supplier<R> empty, Words<S> words, Function<R, List<Violation>> problems) {
            this.words = words;
            this.empty = empty;
            this.problems = problems;
            this.bulkhead = new Bulkhead<>(type, Bulkhead.OTHERS);
        }

        @Override
        public List<EventSource<?, R>> prepareEventSources(EventSourceContext<R> context) {
            bulkhead.knows(context.getPrimaryCache()::get);
            return List.of(bulkhead);
        }

        @Override
        public UpdateControl<R> reconcile(R object, Context<R> context) {
            return bulkhead.lets(object, () -> lint(object));
        }

        private UpdateControl<R> lint(R object) {
            UpdateControl<R> done = UpdateControl.noUpdate();
            Optional<Duration> later = notOurs(object);
            if (later.isPresent()) {
                return done.rescheduleAfter(later.get());
            }
            return read(object).map(this::say).orElse(done);
        }

        /** What there is to say something of: what its cache keeps, as whoever decides will see it. */
        Optional<R> read(R object) {
            return Optional.of(object);
        }

        private UpdateControl<R> say(R object) {
            UpdateControl<R> done = UpdateControl.noUpdate();
            Instant now = clock.instant();
            List<Condition> before =
                    object.getStatus() == null ? null : words.conditions().apply(object.getStatus());
            List<Condition> found = find(object, before, now);
            if (!found.equals(before)) {
                applier.applyStatus(object, empty.get(), words.status().apply(generation(object), found));
            }
            return again(object, now).map(done::rescheduleAfter).orElse(done);
        }

        List<Condition> find(R object, @Nullable List<Condition> before, Instant now) {
            return ready(object, problems.apply(object), usable(object), before, now);
        }

        /** What is said of one without problems. */
        String usable(R object) {
            return USABLE;
        }

        /** When what was found may be true no more. */
        Optional<Duration> again(R object, Instant now) {
            return Optional.empty();
        }
    }

    @ControllerConfiguration(name = "plugin")
    final class Plugins extends Linter<Plugin, PluginStatus> {
        Plugins() {
            super(
                    Plugin.class,
                    Plugin::new,
                    Words.OF_PLUGINS,
                    plugin -> problems(plugin.getMetadata().getNamespace(), plugin.getSpec()));
        }

        @Override
        Optional<Plugin> read(Plugin plugin) {
            return applier.whole(plugin);
        }
    }

    @ControllerConfiguration(name = "clusterplugin")
    final class ClusterPlugins extends Linter<ClusterPlugin, PluginStatus> {
        ClusterPlugins() {
            super(ClusterPlugin.class, ClusterPlugin::new, Words.OF_PLUGINS, plugin -> problems("", plugin.getSpec()));
        }
    }

    @ControllerConfiguration(name = "pluginpolicy")
    final class Policies extends Linter<PluginPolicy, PolicyStatus> {
        Policies() {
            super(
                    PluginPolicy.class,
                    PluginPolicy::new,
                    Words.OF_POLICIES,
                    policy -> SpecReader.namespaceRule(policy).problems());
        }

        @Override
        String usable(PluginPolicy policy) {
            return Linting.usable(SpecReader.namespaceRule(policy).mode());
        }
    }

    @ControllerConfiguration(name = "clusterpluginpolicy")
    final class ClusterPolicies extends Linter<ClusterPluginPolicy, PolicyStatus> {
        ClusterPolicies() {
            super(
                    ClusterPluginPolicy.class,
                    ClusterPluginPolicy::new,
                    Words.OF_POLICIES,
                    policy -> SpecReader.clusterRule(policy).problems());
        }

        @Override
        String usable(ClusterPluginPolicy policy) {
            return Linting.usable(SpecReader.clusterRule(policy).mode());
        }

        @Override
        List<Condition> find(ClusterPluginPolicy policy, @Nullable List<Condition> before, Instant now) {
            return SpecReader.clusterRule(policy).isExpired(now)
                    ? unusable(
                            new ConditionSet(before, generation(policy), now),
                            ConditionReason.Expired,
                            "expired; it grants and denies nothing")
                    : super.find(policy, before, now);
        }

        @Override
        Optional<Duration> again(ClusterPluginPolicy policy, Instant now) {
            return SpecReader.clusterRule(policy)
                    .expires()
                    .map(end -> Duration.between(now, end))
                    .filter(Duration::isPositive);
        }
    }

    private static String usable(Mode mode) {
        return switch (mode) {
            case ENFORCE -> USABLE;
            case AUDIT -> USABLE + "; in Audit: it grants and refuses nothing, executions say what it would refuse";
        };
    }

    /** {@code namespace}: "" for what is of the whole cluster. */
    private static List<Violation> problems(String namespace, @Nullable PluginSpec plugin) {
        if (plugin == null) {
            return List.of(new Violation("spec", ViolationReason.Malformed, "is missing or cannot be read"));
        }
        List<Violation> problems = new ArrayList<>(SpecReader.lint(plugin));
        List<Handler> handlers = SpecReader.handlers(plugin);
        for (int i = 0; i < handlers.size(); i++) {
            String path = "spec.handlers[" + i + "].";
            flaw(namespace, handlers.get(i).input(), path + "input").ifPresent(problems::add);
            flaw(namespace, handlers.get(i).output(), path + "output").ifPresent(problems::add);
        }
        return problems;
    }

    private static Optional<Violation> flaw(String namespace, @Nullable JsonNode schema, String path) {
        return SchemaCheck.flaw(namespace, schema).map(flaw -> new Violation(path, ViolationReason.Malformed, flaw));
    }

    private static List<Condition> ready(
            HasMetadata object,
            List<Violation> problems,
            String usable,
            @Nullable List<Condition> before,
            Instant now) {
        ConditionSet conditions = new ConditionSet(before, generation(object), now);
        if (problems.isEmpty()) {
            return conditions
                    .yes(ConditionType.Ready, ConditionReason.Valid, usable)
                    .no(ConditionType.Stalled, ConditionReason.Valid, "")
                    .list();
        }
        String message = problems.stream().limit(8).map(Violation::toString).collect(Collectors.joining("\n"));
        return unusable(conditions, ConditionReason.Malformed, message);
    }

    /** Until somebody changes it: who waits for it by Ready alone would wait until its timeout. */
    private static List<Condition> unusable(ConditionSet conditions, ConditionReason reason, String message) {
        return conditions
                .no(ConditionType.Ready, reason, message)
                .yes(ConditionType.Stalled, reason, message)
                .list();
    }

    private static long generation(HasMetadata object) {
        Long generation = object.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }
}
