package dev.corral.operator.cluster;

import static dev.corral.operator.cluster.MockedApi.execution;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.operator.cluster.Applier.Creation;
import dev.corral.operator.decide.EventNote;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An API server that has too much to do says when to come again (429, Retry-After): nothing is lost, and nobody comes earlier. */
class PatienceClientTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String PODS = "/api/v1/namespaces/team-a/pods";
    private static final String STATUS =
            "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginexecutions/check/status?fieldManager=corral-controller&force=true";
    private static final String EVENTS = "/apis/events.k8s.io/v1/namespaces/team-a/events";

    private final MockedApi api = MockedApi.patient();
    private final Applier applier = new Applier(api.client());

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aStatusIsWrittenOnceTheServerWantsItAndStillUnderItsLock() {
        var draft = new StatusDraft(execution(), NOW, NOW)
                .attempt(new Attempt(1, "pex-1", "uid-1", "s", NOW.toString(), null));
        api.tooMany("PATCH", STATUS, 1);
        api.tooMany("PATCH", STATUS, 1);
        api.answer("PATCH", STATUS, 200, execution());

        var asked = System.nanoTime();
        assertThat(applier.writeStatus(execution(), draft.build())).isTrue();

        notBefore(Duration.ofSeconds(2), asked);
        var first = api.sent();
        assertThat(first.body().at("/metadata/resourceVersion").asText()).isEqualTo("9");
        assertThat(api.sent()).isEqualTo(first);
        assertThat(api.sent()).isEqualTo(first);
        assertThat(api.requests()).isEqualTo(3);
    }

    @Test
    void aPodIsCreatedAndDeletedOnceTheServerWantsIt() {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName("pex-1")
                .endMetadata()
                .build();
        api.tooMany("POST", PODS, 1);
        api.answer("POST", PODS, 201, pod);
        api.tooMany("DELETE", PODS + "/pex-1", 1);
        api.answer("DELETE", PODS + "/pex-1", 200, pod);

        var asked = System.nanoTime();
        assertThat(applier.create(pod)).isEqualTo(new Creation.Made(pod));
        applier.delete(Pod.class, "team-a", "pex-1", "uid-1");

        notBefore(Duration.ofSeconds(2), asked);
        assertThat(api.requests()).isEqualTo(4);
    }

    @Test
    void anEventIsNotGivenUpForIt() {
        api.tooMany("POST", EVENTS, 1);
        api.answer("POST", EVENTS, 201, Map.of());

        var asked = System.nanoTime();
        new EventPublisher(api.client(), "controller-0", Runnable::run)
                .publish(execution(), EventNote.normal("Started", "Claim", "Handler check runs"), NOW);

        notBefore(Duration.ofSeconds(1), asked);
        assertThat(api.sent()).isEqualTo(api.sent());
    }

    @Test
    void onlyWhatIsAskedInSecondsIsWaitedForAndNeverLonger() {
        assertThat(Patience.asked("3")).isEqualTo(Duration.ofSeconds(3));
        assertThat(Patience.asked(" 1 ")).isEqualTo(Duration.ofSeconds(1));
        assertThat(Patience.asked("9")).isEqualTo(Duration.ofSeconds(8));
        assertThat(Patience.asked("999999999")).isEqualTo(Duration.ofSeconds(8));
        for (var nothing : new String[] {null, "", "0", "-1", "soon", "9999999999", "Fri, 01 Jan 2027 00:00:00 GMT"}) {
            assertThat(Patience.asked(nothing)).as(nothing).isZero();
        }
    }

    /** Never too long on a slow machine: only the lower bound is what the server asked for. */
    private static void notBefore(Duration wait, long since) {
        assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThanOrEqualTo(wait);
    }
}
