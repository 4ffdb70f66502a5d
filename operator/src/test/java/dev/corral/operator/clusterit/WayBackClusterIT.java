package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.operator.clusterit.ArtifactReader.Answer;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What comes back from a run – result, artifacts, events – and what does not. */
class WayBackClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("way-back", """
            env: ["*"]
            secrets: [{name: vault, keys: [password]}]
            events: {produce: ["*@v1"]}
            limits: {timeout: 2m, memory: 128Mi, disk: 128Mi, processes: 64, output: 64Mi, events: 40}
            """);

    @Test
    void onlyDeclaredRegularFilesOfOneNameBecomeArtifacts() {
        var end = team.probe("odd-files", "artifacts")
                .leaves("regular", "empty", "symlink", "fifo", "hardlink", "directory", "linkdir", "absent", "sparse")
                .start()
                .ends(ConditionReason.HandlerReturned);

        for (var good : List.of("regular", "empty", "sparse")) {
            assertThat(end.artifact(good).state()).as(good).isEqualTo("Ready");
        }
        for (var bad : List.of("symlink", "fifo", "hardlink", "directory", "linkdir")) {
            assertThat(end.artifact(bad).state()).as(bad).isEqualTo("Failed");
            assertThat(end.artifact(bad).problem()).as(bad).isNotBlank();
            assertThat(end.artifact(bad).sha256()).as(bad).isNull();
        }
        assertThat(end.artifact("absent").state()).isEqualTo("Skipped");
        assertThat(end.artifact("regular").size()).isEqualTo("regular bytes\n".length());
        assertThat(end.artifact("regular").sha256()).isEqualTo(sha256("regular bytes\n"));
        assertThat(end.artifact("sparse").size()).isEqualTo(32 << 20);
        assertThat(end.status().artifacts()).extracting("name").doesNotContain("undeclared", "original");
        assertThat(end.status().report().undeclared()).isPositive();
    }

    @Test
    void artifactIsForThoseWhoMayReadItAndAbsentForEverybodyElse() throws Exception {
        var run = team.shell("report", "echo secret plans > $CORRAL_OUTPUT/plans")
                .leaves("plans")
                .start();
        var artifact = run.ends(ConditionReason.HandlerReturned).artifact("plans");

        // the way the documentation shows it
        assertThat(team.cluster().output("examples/artifact", team.namespace(), "report", "plans"))
                .isEqualTo("secret plans\n");
        try (var reader = new ArtifactReader(team)) {
            var path = "/v1/namespaces/" + team.namespace() + "/executions/report/artifacts/plans";
            var token = reader.token("reader", "corral-artifacts");
            assertThat(reader.get(path, token).code()).as("no right yet").isEqualTo(404);
            reader.mayRead("reader");
            var allowed = reader.get(path, token);
            assertThat(allowed.code()).isEqualTo(200);
            assertThat(sha256(allowed.body())).isEqualTo(artifact.sha256());
            var denied = reader.get(path, reader.token("stranger", "corral-artifacts"));
            assertThat(denied).isEqualTo(reader.get(path + "-absent", token));
            assertThat(denied.code()).isEqualTo(404);
            assertThat(reader.get("/v1/artifacts/" + artifact.sha256(), token).code())
                    .as("never by digest")
                    .isEqualTo(404);
            assertThat(reader.get("/v1/namespaces/default/executions/report/artifacts/plans", token)
                            .code())
                    .as("never from another namespace")
                    .isEqualTo(404);
            assertThat(reader.get(path, reader.token("reader", "https://kubernetes.default.svc"))
                            .code())
                    .as("a token for somebody else")
                    .isEqualTo(401);
            assertThat(reader.get(path, "").code()).isEqualTo(401);
            assertThat(reader.get(path, "x.y.z")).extracting(Answer::code).isEqualTo(401);
        }
    }

    @Test
    void resultOfSixteenKibibytesArrivesAndALargerOneIsNamed() {
        var fits = team.shell(
                        "fits",
                        "{ printf '{\"x\":\"'; head -c 16000 /dev/zero | tr '\\0' a; printf '\"}'; } > $CORRAL_RESULT")
                .start();
        var large = team.shell(
                        "large",
                        "{ printf '{\"x\":\"'; head -c 17000 /dev/zero | tr '\\0' a; printf '\"}'; } > $CORRAL_RESULT")
                .start();
        var broken = team.shell("broken", "echo '{not json' > $CORRAL_RESULT").start();

        assertThat(fits.ends(ConditionReason.HandlerReturned).result().get("x").asText())
                .hasSize(16_000);
        for (var run : List.of(large, broken)) {
            var end = run.ends(ConditionReason.HandlerReturned);
            assertThat(end.status().result()).isNull();
            assertThat(end.message()).contains("no result");
        }
    }

    @Test
    void eventsAreCountedPublishedWithinTheBudgetAndTheRestIsDropped() {
        var run = team.probe("chatty", "emit", "60", "chat.said@v1")
                .asks("events: {produce: ['chat.*@v1']}")
                .start();
        var totals = run.ends(ConditionReason.HandlerReturned).status().events();

        assertThat(totals.emitted()).isEqualTo(60);
        assertThat(totals.published() + totals.dropped()).isEqualTo(60);
        assertThat(totals.published()).isBetween(1, 40);
        assertThat(totals.denied()).isZero();
        assertThat(run.event("EventsDropped").getNote()).startsWith(totals.dropped() + " ");
        assertThat(published(run)).hasSize(totals.published());
    }

    @Test
    void eventsOfTopicsNotGrantedAreDenied() {
        var run = team.probe("forger", "emit", "5", "bank.transfer@v1")
                .asks("events: {produce: ['chat.*@v1']}")
                .start();
        var end = run.ends(ConditionReason.HandlerReturned);

        assertThat(end.result().at("/statuses/403").asInt()).isEqualTo(5);
        assertThat(end.status().events().denied()).isEqualTo(5);
        assertThat(end.status().events().published()).isZero();
        assertThat(published(run)).isEmpty();
    }

    @Test
    void floodOfEventsIsBounded() {
        var run = team.probe("flood", "emit", "20000", "flood.rose@v1")
                .asks("events: {produce: ['flood.*@v1']}")
                .start();
        var end = run.ends(ConditionReason.HandlerReturned);

        assertThat(end.status().events().emitted()).isEqualTo(20_000);
        assertThat(end.status().events().published()).isLessThanOrEqualTo(40);
        assertThat(end.status().events().published() + end.status().events().dropped())
                .isEqualTo(20_000);
        assertThat(published(run)).hasSizeLessThanOrEqualTo(40);
    }

    @Test
    void controlAndBidirectionalCharactersReachNobodysTerminal() {
        var run = team.shell("paint", """
                        nasty=$(printf 'a\\033[31mred\\342\\200\\256evil\\r\\nforged line')
                        corral emit paint.done@v1 --message "$nasty"
                        printf '{"text": "%s"}' "$(printf 'x\\342\\200\\256y')" > $CORRAL_RESULT
                        printf '%s\\n' "$nasty"
                        exit 1
                        """)
                .asks("events: {produce: ['paint.*@v1']}")
                .start();
        var end = run.ends(ConditionReason.HandlerFailed);

        assertThat(published(run)).singleElement().satisfies(event -> {
            assertThat(event.getNote()).contains("red").contains("evil").doesNotContain("\n", "\r");
            clean(event.getNote());
        });
        clean(end.status().logTail());
        clean(String.valueOf(end.status().result()));
    }

    @Test
    void artifactsLargerThanTheOutputLimitAreNotPublished() {
        var end = team.shell("bulky", "head -c 3000000 /dev/zero > $CORRAL_OUTPUT/big; echo ok > $CORRAL_OUTPUT/small")
                .asks("limits: {output: 1Mi}")
                .leaves("big", "small")
                .start()
                .ends(ConditionReason.OutputExceeded);

        assertThat(end.status().error().code()).isEqualTo("QUOTA_EXCEEDED");
        assertThat(end.artifact("big").state()).isEqualTo("Failed");
    }

    @Test
    void longLogIsCutAndTheRunGoesOn() {
        var run = team.probe("talker", "print", "30000000").start();

        var end = run.ends(ConditionReason.HandlerReturned);
        assertThat(end.status().logTail()).isNull();
    }

    @Test
    void secretsArriveAsFilesOfTheGrantedKeysOnly() {
        team.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: vault, namespace: $NAMESPACE}
                stringData: {password: correct-horse, other: not-asked-for}
                """);
        var result = team.shell("secrets", """
                        cd $CORRAL_SECRETS/vault
                        printf '{"files": "%s", "mode": "%s", "value": "%s", "env": "%s", "write": "%s"}' \
                          "$(ls | tr '\\n' ' ')" "$(stat -Lc %a password)" "$(cat password)" \
                          "$(env | grep -c correct-horse)" "$(touch new 2>/dev/null && echo yes || echo no)" > $CORRAL_RESULT
                        """)
                .asks("secrets: [{name: vault, keys: [password]}]")
                .with("secrets: [{name: vault, keys: [password]}]")
                .start()
                .ends(ConditionReason.HandlerReturned)
                .result();

        assertThat(result.get("files").asText().strip()).isEqualTo("password");
        assertThat(result.get("mode").asText()).isEqualTo("440");
        assertThat(result.get("value").asText()).isEqualTo("correct-horse");
        assertThat(result.get("env").asText()).isEqualTo("0");
        assertThat(result.get("write").asText()).isEqualTo("no");
    }

    private static List<Event> published(Run run) {
        return run.events().stream()
                .filter(event -> "corral.dev/gateway".equals(event.getReportingController()))
                .filter(event -> !"EventsDropped".equals(event.getReason()))
                .toList();
    }

    private static void clean(String text) {
        assertThat(text)
                .doesNotContainPattern(
                        "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
