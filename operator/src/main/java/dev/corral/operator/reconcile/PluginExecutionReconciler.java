package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.Applier.Creation;
import dev.corral.operator.cluster.EventPublisher;
import dev.corral.operator.cluster.ForeignPolicies;
import dev.corral.operator.decide.Action;
import dev.corral.operator.decide.Decider;
import dev.corral.operator.decide.Decision;
import dev.corral.operator.decide.PodRefusals;
import dev.corral.operator.decide.PoolDecider;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.decide.Snapshot;
import dev.corral.operator.decide.StandingNotes;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.reconcile.WaitingPods.Taker;
import dev.corral.operator.spec.Recent;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnAddFilter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gather, decide, act, report: the loop around {@link Decider}. */
@ControllerConfiguration(
        name = "pluginexecution",
        generationAwareEventProcessing = false, // the gateway's report is a status write, and it matters
        informer = @Informer(onUpdateFilter = RelevantUpdate.class))
public final class PluginExecutionReconciler implements Reconciler<PluginExecution> {
    private static final Logger log = LoggerFactory.getLogger(PluginExecutionReconciler.class);
    /** How many objects are looked at at once, of all kinds together. */
    public static final int THREADS = Bulkhead.THREADS;

    private static final Duration SOON = Duration.ofMillis(200);
    /** Counts how often either loop looks at an object. */
    static final String LOOKS = "corral.looks";

    private final Decider decider;
    private final Applier applier;
    private final Effects effects;
    private final EventPublisher events;
    private final ForeignPolicies foreign;
    private final MeterRegistry meters;
    private final ExecutionMeters counts;
    private final InstantSource clock;
    private final Supplier<Installation> installation;
    private final SealOpener seals;
    private final NamespaceSelector namespaces;
    private final PoolsShared shared;
    private final FirstSight firstSight;
    private final Turnstile turnstile;
    private final ReportSource reports;
    /** In which version there was no room for any status, by uid. */
    private final Recent<String, String> roomless = new Recent<>(8192);

    private final Bulkhead<PluginExecution> bulkhead = new Bulkhead<>(PluginExecution.class, Bulkhead.EXECUTIONS);
    private Optional<SnapshotGatherer> gatherer = Optional.empty();
    private Optional<Dependents> dependents = Optional.empty();

    public PluginExecutionReconciler(
            Decider decider,
            Applier applier,
            EventPublisher events,
            ForeignPolicies foreign,
            MeterRegistry meters,
            Supplier<Installation> installation,
            SealOpener seals,
            ReportFeed feed,
            NamespaceSelector namespaces,
            InstantSource clock) {
        this.decider = decider;
        this.applier = applier;
        this.effects = new Effects(applier);
        this.events = events;
        this.foreign = foreign;
        this.meters = meters;
        this.installation = installation;
        this.seals = seals;
        this.namespaces = namespaces;
        this.clock = clock;
        this.shared = new PoolsShared(clock);
        this.firstSight = new FirstSight(clock);
        this.turnstile = new Turnstile(clock);
        this.reports = new ReportSource(feed);
        this.counts = new ExecutionMeters(meters, turnstile::waiting);
    }

    /** The loop of the pools, which shares caches and waiting pods with this one. */
    public PluginPoolReconciler pools(PoolDecider poolDecider) {
        return new PluginPoolReconciler(poolDecider, applier, meters, shared, clock);
    }

    /** Whether a namespace is served by this installation; empty until that is known. */
    public Function<String, Optional<Boolean>> serves() {
        return namespace -> shared.gatherer().map(known -> known.served().serves(namespace));
    }

    /** Namespaces that another installation selects, too; empty where there is none, or none is known yet. */
    public Supplier<Optional<List<String>>> sharedNamespaces() {
        return () -> shared.gatherer().flatMap(known -> known.served().shared());
    }

    /** To be told of new executions before they wait for their turn; it lets all of them pass. */
    public OnAddFilter<PluginExecution> firstSight() {
        return firstSight;
    }

    @Override
    public List<EventSource<?, PluginExecution>> prepareEventSources(EventSourceContext<PluginExecution> context) {
        EventSources sources = new EventSources(context, foreign, shared, turnstile);
        dependents = Optional.of(sources.dependents());
        SnapshotGatherer made = new SnapshotGatherer(
                sources.caches(),
                applier,
                foreign,
                installation,
                seals,
                shared,
                firstSight,
                turnstile,
                reports,
                namespaces);
        turnstile.sees(new Turnstile.Sight(
                sources.caches().executions()::stays,
                made::bounds,
                () -> context.getPrimaryCache()
                        .list(execution -> execution.getStatus() == null
                                || !execution.getStatus().ended())
                        .filter(made.served()::has)
                        .filter(execution -> !isRoomless(execution)),
                made::count));
        reports.knows(sources.caches().executions()::has);
        counts.stored(() -> context.getPrimaryCache().keys().count());
        bulkhead.knows(context.getPrimaryCache()::get);
        gatherer = Optional.of(made);
        shared.gathersWith(() -> sources.filled() ? Optional.of(made) : Optional.empty());
        Deletions<PluginExecution> deletions = new Deletions<>(PluginExecution.class, execution -> {
            sources.deleted(execution);
            firstSight.forget(execution);
            reports.forget(execution);
        });
        return Stream.concat(sources.all().stream(), Stream.of(turnstile, reports, bulkhead, deletions))
                .toList();
    }

    @Override
    public UpdateControl<PluginExecution> reconcile(PluginExecution execution, Context<PluginExecution> context) {
        return bulkhead.lets(execution, () -> reconcile(execution));
    }

    private UpdateControl<PluginExecution> reconcile(PluginExecution execution) {
        meters.counter(LOOKS, "kind", "PluginExecution").increment();
        if (execution.getStatus() != null && execution.getStatus().ended()) {
            dependents.orElseThrow().wake(execution);
            reports.forget(execution);
        }
        if (!gatherer.orElseThrow().served().has(execution)) {
            return notOurs(execution);
        }
        return RunState.ended(execution.getStatus()) || isRoomless(execution)
                ? advance(execution)
                : applier.whole(execution).map(this::advance).orElse(UpdateControl.noUpdate());
    }

    private UpdateControl<PluginExecution> advance(PluginExecution execution) {
        if (isRoomless(execution)) {
            clear(decider.roomless(gatherer.orElseThrow().gather(execution), clock.instant())
                    .clear());
            return UpdateControl.noUpdate();
        }
        StandingNotes.of(execution, shared.traffic().surges(), clock.instant())
                .forEach(note -> events.publishLater(execution, note, clock.instant()));
        Look look = look(execution);
        Taker taker = Taker.of(execution);
        while (look.decision().takes().isPresent()
                && !shared.waiting().take(look.decision().takes().get(), taker)) {
            look = look(execution); // somebody was faster in this process: one waiting pod less, and decide again
        }
        Decision decision = look.decision();
        Optional<Snapshot> asItTurnedOut = lay(look, decision.lay());
        if (asItTurnedOut.isPresent()) {
            decision = decider.decide(asItTurnedOut.get(), clock.instant());
        }
        Optional<Decision> stands = write(execution, look.world(), decision, taker);
        if (stands.isEmpty()) {
            decision.takes().ifPresent(pod -> shared.waiting().giveBack(pod, taker));
            return UpdateControl.<PluginExecution>noUpdate()
                    .rescheduleAfter(SOON); // somebody wrote first: decide again
        }
        decision = stands.get();
        decision.status().ifPresent(status -> turnstile.wrote(execution, status));
        if (decision.takes().isPresent()) {
            shared.waiting().claims(decision.takes().get(), taker);
            shared.traffic().claimed();
        } else if (decision.status().isPresent()) {
            shared.waiting().givesBackAll(taker); // the newest status was read, and nothing of them was in it
        }
        report(execution, decision);
        clear(decision.clear());
        return done(decision);
    }

    private static UpdateControl<PluginExecution> done(Decision decision) {
        UpdateControl<PluginExecution> done = UpdateControl.noUpdate();
        return decision.lookAgain().map(done::rescheduleAfter).orElse(done);
    }

    /** What stands in the status now: the decision, or the end of what cannot be written; nothing where somebody wrote first. */
    private Optional<Decision> write(PluginExecution execution, Snapshot world, Decision decision, Taker taker) {
        try {
            return write(execution, decision);
        } catch (Applier.Unwritable refused) {
            log.atError().setCause(refused).log("status not written");
            decision.takes().ifPresent(pod -> shared.waiting().giveBack(pod, taker));
            if (refused.large()) {
                return writeLittle(execution, decider.roomless(world, clock.instant()));
            }
            return write(execution, decider.unwritable(world, clock.instant(), String.valueOf(refused.getMessage())));
        }
    }

    /** Of what has not even room for its end nothing is kept: it takes no place from others, and is not looked at until somebody changes it. */
    private Optional<Decision> writeLittle(PluginExecution execution, Decision end) {
        try {
            return write(execution, end);
        } catch (Applier.Unwritable refused) {
            roomless.put(
                    execution.getMetadata().getUid(), execution.getMetadata().getResourceVersion());
            turnstile.onResourceDeleted(execution);
            end.notes().forEach(note -> events.publish(execution, note, clock.instant()));
            return Optional.empty();
        }
    }

    private boolean isRoomless(PluginExecution execution) {
        return roomless.get(execution.getMetadata().getUid())
                .filter(execution.getMetadata().getResourceVersion()::equals)
                .isPresent();
    }

    private Optional<Decision> write(PluginExecution execution, Decision decision) {
        return decision.status()
                        .map(status -> applier.writeStatus(execution, status))
                        .orElse(true)
                ? Optional.of(decision)
                : Optional.empty();
    }

    /** Another installation's, or nobody's: whatever may change that wakes us again, and of the latter it is told again. */
    private UpdateControl<PluginExecution> notOurs(PluginExecution execution) {
        firstSight.forget(execution);
        turnstile.onResourceDeleted(execution);
        Decision decision = gatherer.orElseThrow().served().unserved(execution);
        report(execution, decision);
        return done(decision);
    }

    private record Look(Snapshot world, Instant now, Decision decision) {}

    /** Decides, and once more with its place where it asks for one. */
    private Look look(PluginExecution execution) {
        Snapshot world = gatherer.orElseThrow().gather(execution);
        Instant now = clock.instant();
        Decision decision = decider.decide(world, now);
        Optional<Snapshot> placed = turnstile.place(world, decision.asks()).map(world::at);
        return placed.map(there -> new Look(there, now, decider.decide(there, now)))
                .orElseGet(() -> new Look(world, now, decision));
    }

    /** Lays one after the other; the first thing that turns out otherwise is the last: no pod without its policies. */
    private Optional<Snapshot> lay(Look look, List<Action.Laid> actions) {
        Snapshot world = look.world();
        for (Action.Laid action : actions) {
            if (action instanceof Action.CreatePod(var pod)) {
                shared.waiting().startsCold(pod.getMetadata().getName());
                return switch (applier.create(pod)) {
                    case Creation.Made(var made) -> {
                        turnstile.created(world);
                        yield Optional.empty();
                    }
                    case Creation.Found(var found) ->
                        RunState.owns(world.execution(), found) ? Optional.empty() : Optional.of(world.with(found));
                    case Creation.Refused(var words) -> {
                        shared.waiting().startedCold(pod.getMetadata().getName());
                        yield Optional.of(
                                PodRefusals.byQuota(words)
                                        ? world.at(turnstile.refused(world, words))
                                        : world.refused(words));
                    }
                };
            }
            Optional<String> refused = effects.lay(action, due -> shared.laid().laid(due, look.now()));
            if (refused.isPresent()) {
                return refused.map(world::refused);
            }
        }
        return Optional.empty();
    }

    private void clear(List<Action.Cleared> actions) {
        for (Action.Cleared action : actions) {
            if (action instanceof Action.AdoptPod(var namespace, var name, var podUID, var poolUID, var run)) {
                shared.waiting().handOver(podUID, () -> applier.adopt(namespace, name, podUID, poolUID, run));
            } else {
                effects.clear(action);
            }
            if (action instanceof Action.DeletePod(var namespace, var name, var uid)) {
                shared.waiting().startedCold(name);
            }
        }
    }

    private void report(PluginExecution execution, Decision decision) {
        decision.status().ifPresent(status -> {
            log.atInfo().addKeyValue("state", status.state()).log("status written");
            if (status.ended()) {
                counts.ended(String.valueOf(status.state()));
            }
        });
        decision.notes().forEach(note -> {
            events.publish(execution, note, clock.instant());
            if (note.reason().equals(Decider.AUDITED)) {
                counts.audited();
            }
        });
    }
}
