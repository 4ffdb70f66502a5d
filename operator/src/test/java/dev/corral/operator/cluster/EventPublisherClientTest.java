package dev.corral.operator.cluster;

import static dev.corral.operator.cluster.MockedApi.execution;
import static dev.corral.operator.cluster.MockedApi.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.corral.operator.decide.EventNote;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An Event is named by what happened, and never costs the run it tells of. */
class EventPublisherClientTest {
    private static final String EVENTS = "/apis/events.k8s.io/v1/namespaces/team-a/events";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.000001Z");

    private final MockedApi api = new MockedApi();
    private final Deque<Runnable> late = new ArrayDeque<>();
    private final EventPublisher events = new EventPublisher(api.client(), "controller-0", late::add);

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void anEventSaysWhatHappenedToWhatAndWhoSaysSo() {
        api.answer("POST", EVENTS, 201, Map.of());

        events.publish(execution(), EventNote.normal("Started", "Claim", "Handler check runs"), NOW);

        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("POST " + EVENTS);
        assertThat(sent.mediaType()).isEqualTo("application/json");
        assertThat(sent.body()).isEqualTo(json("""
                {"apiVersion":"events.k8s.io/v1","kind":"Event",
                 "metadata":{"name":"corral-uid-2-started","namespace":"team-a"},
                 "eventTime":"2026-01-01T00:00:00.000001Z","type":"Normal","reason":"Started","action":"Claim","note":"Handler check runs",
                 "reportingController":"corral.dev/controller","reportingInstance":"controller-0",
                 "regarding":{"apiVersion":"corral.dev/v1alpha1","kind":"PluginExecution","name":"check","namespace":"team-a","uid":"uid-2"}}"""));
    }

    @Test
    void theSameHappeningHasTheSameNameInEveryProcess() {
        api.answer("POST", EVENTS, 201, Map.of());
        api.refuse("POST", EVENTS, 409);
        var note = EventNote.warning("TimedOut", "Run", "too long");

        events.publish(execution(), note, NOW);
        new EventPublisher(api.client(), "controller-1", late::add).publish(execution(), note, NOW.plusSeconds(60));

        assertThat(api.sent().body().at("/metadata/name"))
                .isEqualTo(api.sent().body().at("/metadata/name"));
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 409})
    void whatIsKnownToBeThereIsNotSentAgain(int code) {
        if (code == 201) {
            api.answer("POST", EVENTS, 201, Map.of());
        } else {
            api.refuse("POST", EVENTS, code);
        }
        var note = EventNote.warning("TimedOut", "Run", "too long");
        events.publish(execution(), note, NOW);
        events.publish(execution(), note, NOW);
        assertThat(api.requests()).isEqualTo(1);
    }

    /** By then it is forgotten, by default; where it is not, the API server says so. */
    @Test
    void whatIsStillSoAfterAnHourIsToldAgain() {
        api.answer("POST", EVENTS, 201, Map.of());
        api.answer("POST", EVENTS, 201, Map.of());
        var note = EventNote.warning("NamespaceNotServed", "Wait", "nobody");
        events.publish(execution(), note, NOW);
        events.publish(execution(), note, NOW.plus(Duration.ofMinutes(59)));
        assertThat(api.requests()).isEqualTo(1);
        events.publish(execution(), note, NOW.plus(Duration.ofMinutes(60)));
        events.publish(execution(), note, NOW.plus(Duration.ofMinutes(61)));
        assertThat(api.requests()).isEqualTo(2);
    }

    @Test
    void nobodyWaitsForWhatIsToldLater() {
        api.answer("POST", EVENTS, 201, Map.of());
        var note = EventNote.warning("TimedOut", "Run", "too long");
        events.publishLater(execution(), note, NOW);
        events.publishLater(execution(), note, NOW); // another look, before it was sent
        assertThat(api.requests()).isZero();

        late.forEach(Runnable::run);
        assertThat(api.requests()).isEqualTo(1);
        late.clear();
        events.publishLater(execution(), note, NOW);
        assertThat(late).isEmpty();
    }

    @Test
    void whatFailedIsSentAgainAtTheNextLook() {
        api.refuse("POST", EVENTS, 500);
        api.answer("POST", EVENTS, 201, Map.of());
        var note = EventNote.warning("TimedOut", "Run", "too long");
        events.publish(execution(), note, NOW);
        events.publish(execution(), note, NOW);
        assertThat(api.requests()).isEqualTo(2);
    }

    /** The API counts bytes, whatever it calls them (validation/events.go: {@code len(event.Message)}). */
    @ParameterizedTest
    @ValueSource(strings = {"e", "é", "€", "😀"})
    void aLongNoteIsCutToWhatTheApiTakes(String letter) {
        assertThat(published(letter.repeat(3000)))
                .endsWith(letter + "…")
                .satisfies(note ->
                        assertThat(note.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1020, 1024));
        assertThat(published("x" + letter.repeat(3000)))
                .as("cut elsewhere")
                .endsWith(letter + "…")
                .satisfies(note ->
                        assertThat(note.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(1020, 1024));
    }

    @Test
    void aNoteThatTheApiTakesIsWhole() {
        assertThat(published("é".repeat(512))).isEqualTo("é".repeat(512));
    }

    /** The words of a kubelet can hold those of an image or a launcher. */
    @Test
    void aNoteHoldsNothingThatATerminalObeys() {
        assertThat(published("evicted: \u001b[31mred\u001b[0m\u202e\u0007 and\nmore"))
                .isEqualTo("evicted: red and\nmore");
    }

    private String published(String note) {
        api.answer("POST", EVENTS, 201, Map.of());
        new EventPublisher(api.client(), "controller-0", late::add)
                .publish(execution(), EventNote.normal("Started", "Claim", note), NOW);
        return api.sent().body().path("note").asText();
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 409, 410, 422, 429, 500})
    void noAnswerIsAnErrorOfTheRun(int code) {
        api.refuse("POST", EVENTS, code);
        assertThatCode(() -> events.publish(execution(), EventNote.normal("Started", "Claim", "x"), NOW))
                .doesNotThrowAnyException();
        assertThat(api.requests()).isEqualTo(1);
    }
}
