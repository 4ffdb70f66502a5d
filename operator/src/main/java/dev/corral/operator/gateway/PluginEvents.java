package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.Api;
import dev.corral.api.v1alpha1.EventTotals;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.spec.Recent;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Turns a plugin's events into Kubernetes Events, within what was granted; the names are fixed, so that twice is once. */
final class PluginEvents {
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final Duration TURN = Duration.ofSeconds(2);
    private static final String CONTROLLER = Api.GROUP + "/gateway";

    private final GatewayCluster cluster;
    private final InstantSource clock;
    private final String instance;
    private final Recent<SessionId, Run> runs = new Recent<>(8192);

    PluginEvents(GatewayCluster cluster, InstantSource clock, String instance) {
        this.cluster = cluster;
        this.clock = clock;
        this.instance = instance;
    }

    /**
     * Publishes a batch; the answer counts what became of it, the same again if it is repeated. A session has one body read at a time, and
     * the tree it makes, which can be 25 times as large, is gone before anything is published.
     */
    ObjectNode take(BoundRun bound, Supplier<ObjectNode> body) {
        var run = run(bound);
        var counts = new EnumMap<EventLedger.Outcome, Integer>(EventLedger.Outcome.class);
        takeTurn(run);
        try {
            var batch = batch(body);
            run.lock.lock(); // not before: a report does not wait for a body
            try {
                for (var event : batch) {
                    counts.merge(outcome(bound, run.ledger, event), 1, Integer::sum);
                }
            } finally {
                run.lock.unlock();
            }
        } finally {
            run.reading.unlock();
        }
        return Json.object()
                .put("published", counts.getOrDefault(EventLedger.Outcome.PUBLISHED, 0))
                .put("dropped", counts.getOrDefault(EventLedger.Outcome.DROPPED, 0))
                .put("denied", counts.getOrDefault(EventLedger.Outcome.DENIED, 0))
                .put("duplicate", counts.getOrDefault(EventLedger.Outcome.DUPLICATE, 0));
    }

    /** A body that does not come holds up the launcher that sent it, and not for long: it asks again. */
    private static void takeTurn(Run run) {
        try {
            if (!run.reading.tryLock(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new Refusal(503, "Busy", "events of the session are being read; ask again");
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Exchange.Disconnected(stop);
        }
    }

    private static List<PluginEvent> batch(Supplier<ObjectNode> body) {
        var batch = new ArrayList<PluginEvent>();
        for (var node : body.get().path("events")) {
            batch.add(PluginEvent.read(node).orElseThrow(() -> Refusal.malformed("an event has seq and topic")));
        }
        return batch;
    }

    /** The totals of a run: the launcher counted everything, of what was published only we know. */
    EventTotals totals(BoundRun bound, EventTotals reported) {
        var run = run(bound);
        run.lock.lock();
        try {
            var emitted = orZero(reported.emitted());
            var dropped = Math.max(orZero(reported.dropped()), run.ledger.dropped());
            var denied = Math.max(orZero(reported.denied()), run.ledger.denied());
            var published =
                    run.ledger.complete(emitted) ? run.ledger.published() : Math.max(0, emitted - dropped - denied);
            return new EventTotals(emitted, published, dropped, denied);
        } finally {
            run.lock.unlock();
        }
    }

    /** Says once, in an Event of its own, how many events of the run were dropped. */
    void announceDropped(BoundRun bound, RunReport report) {
        var dropped = report.events() == null ? 0 : orZero(report.events().dropped());
        if (dropped > 0) {
            var note = dropped + " events of this run were dropped: the budget or the rate was exceeded.";
            cluster.publish(event(bound, "dropped", "Warning", "EventsDropped", note, Map.of()));
        }
    }

    /** Says in an Event what the network refused; {@code suffix} names it, so that saying it again changes nothing. */
    void announceRefused(BoundRun bound, String suffix, String note) {
        cluster.publish(event(bound, suffix, "Warning", "HostRefused", note, Map.of()));
    }

    /** What it knows of runs, so that somebody forgets it with them. */
    Recent<SessionId, ?> memory() {
        return runs;
    }

    private EventLedger.Outcome outcome(BoundRun bound, EventLedger ledger, PluginEvent event) {
        var known = ledger.known(event.seq());
        if (known != null) {
            return known;
        }
        var outcome = ledger.judge(event, bound.produce(), clock.instant());
        if (outcome == EventLedger.Outcome.PUBLISHED && !publish(bound, event)) {
            outcome = EventLedger.Outcome.DROPPED;
        }
        // recorded only now: had the API server not answered, the launcher would repeat the event
        ledger.record(event, outcome);
        return outcome;
    }

    private boolean publish(BoundRun bound, PluginEvent event) {
        return cluster.publish(event(
                bound,
                String.valueOf(event.seq()),
                "Normal",
                Topics.reason(event.topic()),
                event.note(),
                Map.of(Api.GROUP + "/topic", event.topic())));
    }

    private Event event(
            BoundRun bound, String suffix, String type, String reason, String note, Map<String, String> annotations) {
        var name = bound.name();
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(name.namespace())
                .withName("corral-" + bound.uid() + "-" + bound.attempt() + "-" + suffix)
                .withAnnotations(annotations)
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(clock.instant())))
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withAction("PluginEvent")
                .withType(type)
                .withReason(reason)
                .withNote(note)
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(Api.GROUP + "/" + Api.VERSION)
                        .withKind("PluginExecution")
                        .withNamespace(name.namespace())
                        .withName(name.name())
                        .withUid(bound.uid())
                        .build())
                .build();
    }

    private Run run(BoundRun bound) {
        int budget = Objects.requireNonNullElse(bound.limits().events(), 0);
        return runs.computeIfAbsent(
                bound.id(), key -> new Run(new ReentrantLock(), new ReentrantLock(), new EventLedger(budget)));
    }

    private static int orZero(@Nullable Integer count) {
        return count == null ? 0 : count;
    }

    private record Run(ReentrantLock reading, ReentrantLock lock, EventLedger ledger) {}
}
