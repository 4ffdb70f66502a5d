package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.AssignedLimits;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.gateway.GatewayFixture.Launcher;
import dev.corral.operator.permission.TopicPattern;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsTest {
    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private Launcher launcher;
    private PluginExecution execution;

    @BeforeEach
    void start() throws Exception {
        gateway = GatewayFixture.impatient(directory);
        launcher = gateway.launcher("pod-1").opened();
        execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void anEventIsOneOfKubernetesAboutTheExecution() {
        send(event(1, "check.link-broken@v1", "3 links broken", ",'data':{'n':3}"));

        var event =
                gateway.cluster.events.get("corral-" + execution.getMetadata().getUid() + "-1-1");
        assertThat(event.getMetadata().getNamespace()).isEqualTo("team-a");
        assertThat(event.getReason()).isEqualTo("CheckLinkBroken");
        assertThat(event.getType()).isEqualTo("Normal");
        assertThat(event.getAction()).isEqualTo("PluginEvent");
        assertThat(event.getNote()).isEqualTo("3 links broken {\"n\":3}");
        assertThat(event.getReportingController()).isEqualTo("corral.dev/gateway");
        assertThat(event.getReportingInstance()).isEqualTo("corral-gateway-0");
        assertThat(event.getEventTime().getTime()).isEqualTo("2026-03-01T12:01:00.000000Z");
        assertThat(event.getRegarding().getKind()).isEqualTo("PluginExecution");
        assertThat(event.getRegarding().getUid())
                .isEqualTo(execution.getMetadata().getUid());
        assertThat(event.getMetadata().getAnnotations()).containsEntry("corral.dev/topic", "check.link-broken@v1");
    }

    @Test
    void aRepeatedBatchIsAnsweredAsBeforeAndPublishesNothing() {
        var batch = event(1, "check.done@v1", "one", "") + "," + event(2, "other@v1", "denied", "") + ","
                + event(3, "check.done@v1", "one", "");
        var first = send(batch);

        assertThat(first).isEqualTo(counts(1, 0, 1, 1));
        assertThat(send(batch)).isEqualTo(first);
        assertThat(gateway.cluster.events).hasSize(1);
    }

    /** What a topic is, plugins and policies say in the same words. */
    @Test
    void onlyGrantedTopicsPass() {
        var bad = List.of(
                "check.done",
                "check.done@v2",
                "check.done@v0",
                "checkdone@v1",
                "check.@v1",
                "check..done@v1",
                "check.*@v1",
                "Check.done@v1",
                "2fa.done@v1",
                "check.a b@v1",
                "check.done@v1@v1",
                "check." + "x".repeat(120) + "@v1",
                "");
        for (var i = 0; i < bad.size(); i++) {
            assertThat(send(event(i + 1, bad.get(i), "", ""))).as(bad.get(i)).isEqualTo(counts(0, 0, 1, 0));
        }
        assertThat(send(event(bad.size() + 1, "check.a.b-c@v1", "", ""))).isEqualTo(counts(1, 0, 0, 0));
    }

    @Test
    void keyOrContentMakesTwoEventsOne() {
        assertThat(send(event(1, "check.done@v1", "a", ",'key':'k'") + ","
                        + event(2, "check.other@v1", "b", ",'key':'k'")))
                .isEqualTo(counts(1, 0, 0, 1));
        assertThat(send(event(3, "check.done@v1", "c", ",'data':{'x':1,'y':2}") + ","
                        + event(4, "check.done@v1", "c", ",'data':{'y':2,'x':1}")))
                .isEqualTo(counts(1, 0, 0, 1));
    }

    @Test
    void twentyAtOnceAndTenASecond() {
        assertThat(send(events(1, 25))).isEqualTo(counts(20, 5, 0, 0));
        gateway.clock.advance(Duration.ofMillis(300));
        assertThat(send(events(26, 30))).isEqualTo(counts(3, 2, 0, 0));
        gateway.clock.advance(Duration.ofHours(1));
        assertThat(send(events(31, 60))).isEqualTo(counts(20, 10, 0, 0));
    }

    @Test
    void theBudgetHoldsAlsoAcrossARestartAndTheDroppedAreCounted() throws Exception {
        var limits = new AssignedLimits(1000L, 1000L, 1L, 1L, 1, 1L, 10, null);
        var small = new DecidedAssignment(
                List.of("/app"),
                List.of(),
                null,
                null,
                null,
                List.of(),
                List.of("check.*@v1"),
                null,
                null,
                limits,
                null);
        var other = gateway.launcher("pod-2").opened();
        var run = gateway.claim(Fixtures.execution("small"), other, 1, small);
        launcher = other;
        assertThat(send(events(1, 8))).isEqualTo(counts(8, 0, 0, 0));

        gateway.restart();

        assertThat(send(events(9, 12))).isEqualTo(counts(2, 2, 0, 0));
        var report = "{'attempt':1,'reason':'HandlerReturned','events':{'emitted':12,'denied':0,'dropped':2}}";
        assertThat(other.ask("POST", "/v1/report", report).status()).isEqualTo(204);
        assertThat(other.ask("POST", "/v1/report", report).status()).isEqualTo(204);

        var totals = gateway.report(run, other).events();
        assertThat(totals.published()).isEqualTo(10);
        assertThat(totals.dropped()).isEqualTo(2);
        var dropped = gateway.cluster.events.values().stream()
                .filter(event -> "EventsDropped".equals(event.getReason()))
                .toList();
        assertThat(dropped).hasSize(1);
        assertThat(dropped.getFirst().getNote()).startsWith("2 events");
    }

    @Test
    void anUnansweredEventIsTriedAgainAndNotLost() {
        gateway.cluster.failures.set(1);
        var batch = "{'events':[" + event(1, "check.done@v1", "a", "") + "]}";
        assertThat(launcher.ask("POST", "/v1/events", batch).status()).isEqualTo(503);
        assertThat(launcher.ask("POST", "/v1/events", batch).json()).isEqualTo(counts(1, 0, 0, 0));
    }

    @Test
    void whatTheApiServerNeverTakesIsDropped() {
        gateway.cluster.eventsRefused = true;
        assertThat(send(event(1, "check.done@v1", "a", ""))).isEqualTo(counts(0, 1, 0, 0));
    }

    @Test
    void aNoteIsOneHarmlessLineOfAKibibyte() {
        send(event(1, "check.done@v1", "\\u001b[2Jred\\r\\nroot# \\u202e" + "é".repeat(2000), ""));

        var note = gateway.cluster.events.values().iterator().next().getNote();
        assertThat(note).startsWith("red root# é").doesNotContain("\n", "\u001b", "\u202e");
        assertThat(note.getBytes(StandardCharsets.UTF_8).length).isBetween(1020, 1024);
    }

    @Test
    void malformedBatchesAreRefusedWhole() {
        for (var bad : List.of(
                "{'topic':'check.done@v1'}",
                "{'seq':0,'topic':'check.done@v1'}",
                "{'seq':1.5,'topic':'x'}",
                "{'seq':1}",
                "7")) {
            assertThat(launcher.ask(
                                    "POST",
                                    "/v1/events",
                                    "{'events':[" + event(1, "check.done@v1", "a", "") + "," + bad + "]}")
                            .status())
                    .as(bad)
                    .isEqualTo(400);
        }
        assertThat(gateway.cluster.events).isEmpty();
    }

    @Test
    void anAbsurdSequenceNumberCostsNothing() {
        assertThat(send(event(2_000_000_000, "check.done@v1", "a", ""))).isEqualTo(counts(0, 1, 0, 0));
    }

    @Test
    void whatIsRememberedOfARunIsForgottenWithIt() {
        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(200);
        var batch = events(1, 5);
        var first = send(batch);
        gateway.server.forget();
        assertThat(send(batch)).as("it goes on").isEqualTo(first);
        assertThat(gateway.server.remembered()).isEqualTo(2);

        gateway.cluster.update(execution, status -> Fixtures.ended(status, List.of()));
        gateway.server.forget();
        assertThat(gateway.server.remembered()).isZero();
        assertThat(launcher.ask("POST", "/v1/events", "{'events':[" + batch + "]}")
                        .status())
                .isEqualTo(409);

        var gone = gateway.launcher("pod-2").opened();
        var deleted = gateway.claim(Fixtures.execution("gone"), gone, 1);
        launcher = gone;
        send(batch);
        gateway.cluster.delete(deleted);
        gateway.server.forget();
        assertThat(gateway.server.remembered()).isZero();
    }

    @Test
    void aBodyOfNothingButBracketsIsKeptNeitherByAnEventNorByAReport() {
        var brackets = "[" + "{},".repeat(80_000) + "{}]";
        assertThat(send(event(1, "check.done@v1", "many", ",'data':" + brackets)))
                .isEqualTo(counts(1, 0, 0, 0));
        assertThat(gateway.cluster.events.values().iterator().next().getNote()).startsWith("many [{},{}");
        for (var path : List.of("/v1/report", "/v1/ready", "/v1/started")) {
            assertThat(launcher.ask("POST", path, "{'attempt':1,'reason':'HandlerReturned','result':" + brackets + "}")
                            .status())
                    .as(path)
                    .isEqualTo(400);
        }
        var densest = "{'attempt':1,'reason':'HandlerReturned','result':[" + "{},".repeat(5400) + "{}]}";
        assertThat(launcher.ask("POST", "/v1/report", densest).status()).isEqualTo(204);
    }

    @Test
    void ofASessionOneBodyIsReadAtATime() throws Exception {
        var publishing = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        gateway.cluster.beforeEvents = () -> {
            publishing.countDown();
            try {
                goOn.await();
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        };
        var events = new PluginEvents(gateway.cluster, gateway.clock, "here");
        var run = BoundRun.of(gateway.cluster.now(execution), new SessionId(launcher.uid(), launcher.session))
                .orElseThrow();
        var second = new CompletableFuture<Void>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.execute(() -> events.take(run, () -> batch(event(1, "check.done@v1", "one", ""))));
            publishing.await();
            threads.execute(() -> events.take(run, () -> {
                second.complete(null);
                return batch(event(2, "check.done@v1", "two", ""));
            }));
            try {
                assertThatThrownBy(() -> second.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            } finally {
                goOn.countDown();
            }
            second.get(10, TimeUnit.SECONDS);
        }
        assertThat(gateway.cluster.events).hasSize(2);
    }

    @Test
    void aBodyThatDoesNotComeIsNotWaitedForByTheNextUntilItEnds() throws Exception {
        var events = new PluginEvents(gateway.cluster, gateway.clock, "here");
        var run = BoundRun.of(gateway.cluster.now(execution), new SessionId(launcher.uid(), launcher.session))
                .orElseThrow();
        var reading = new CountDownLatch(1);
        var body = new CompletableFuture<ObjectNode>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.execute(() -> events.take(run, () -> {
                reading.countDown();
                return body.join();
            }));
            try {
                assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
                assertThatThrownBy(() -> events.take(run, () -> batch(event(1, "check.done@v1", "one", ""))))
                        .hasMessageContaining("ask again");
            } finally {
                body.complete(batch(event(1, "check.done@v1", "one", "")));
            }
        }
        assertThat(gateway.cluster.events).hasSize(1);
    }

    @Test
    void anEventBeyondTheBudgetIsNotRemembered() {
        var ledger = new EventLedger(3);
        var all = List.of(TopicPattern.parse("*@v1", "").orElseThrow());
        for (var seq : List.of(1, 3, 4, 100_000)) {
            var event = PluginEvent.read(batch(event(seq, "check.done@v1", "number " + seq, ""))
                            .at("/events/0"))
                    .orElseThrow();
            ledger.record(event, ledger.judge(event, all, gateway.clock.instant()));
            assertThat(ledger.known(seq)).isEqualTo(seq <= 3 ? EventLedger.Outcome.PUBLISHED : null);
        }
        assertThat(ledger.dropped()).isEqualTo(2);
    }

    private JsonNode send(String events) {
        return launcher.ask("POST", "/v1/events", "{'events':[" + events + "]}").json();
    }

    private static ObjectNode batch(String events) {
        return Json.parseObject(
                        ("{'events':[" + events + "]}").replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                .orElseThrow();
    }

    private static String events(int from, int to) {
        var all = new StringBuilder();
        for (var seq = from; seq <= to; seq++) {
            all.append(seq == from ? "" : ",").append(event(seq, "check.done@v1", "number " + seq, ""));
        }
        return all.toString();
    }

    private static String event(int seq, String topic, String message, String more) {
        return "{'seq':" + seq + ",'topic':'" + topic + "','message':'" + message + "'" + more + "}";
    }

    private static JsonNode counts(int published, int dropped, int denied, int duplicate) {
        return Json.object()
                .put("published", published)
                .put("dropped", dropped)
                .put("denied", denied)
                .put("duplicate", duplicate);
    }
}
