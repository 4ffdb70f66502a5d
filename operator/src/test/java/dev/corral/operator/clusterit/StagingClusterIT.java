package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ConditionReason;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a run is given – artifacts, ConfigMap keys, variables – seen from inside its pod, and what it is not given. */
class StagingClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("staging", """
            env: ["*"]
            artifacts: {read: ["*/pages", "*/settings"]}
            files: {claims: ["datasets/public/**"]}
            limits: {timeout: 2m, memory: 128Mi, disk: 64Mi, processes: 64, output: 64Mi}
            """);

    @RegisterExtension
    static final Team byName = Team.granted("staging-named", """
            artifacts: {read: [collect/pages]}
            limits: {timeout: 2m, memory: 128Mi, disk: 64Mi}
            """);

    private static PluginDraft collecting(Team of, String name) {
        return of.shell(name, """
                        printf '{"depth": 2}' > $CORRAL_OUTPUT/settings
                        head -c 3000000 /dev/zero | tr '\\0' p > $CORRAL_OUTPUT/pages
                        """).leaves("settings", "pages");
    }

    @Test
    void oneRunsArtifactsAreTheInputAndAFileOfAnother() {
        var second = team.shell("count", """
                        printf '{"input": %s, "bytes": "%s", "sum": "%s", "names": "%s"}' "$(cat $CORRAL_INPUT)" \\
                          "$(wc -c < $CORRAL_FILES/pages.txt)" "$(sha256sum < $CORRAL_FILES/pages.txt)" \\
                          "$(ls -A $CORRAL_FILES | tr '\\n' ' ')" > $CORRAL_RESULT
                        """)
                .asks("artifacts: {read: [collect/pages, collect/settings]}")
                .expects("{type: object, required: [depth], properties: {depth: {type: integer}}}")
                .with("""
                        inputFrom: {artifact: {execution: collect, artifact: settings}}
                        files: [{name: pages.txt, artifact: {execution: collect, artifact: pages}}]
                        """)
                .start();
        second.untilWaitingFor(ConditionReason.WaitingForArtifact);

        var first = collecting(team, "collect").start().ends(ConditionReason.HandlerReturned);
        var end = second.ends(ConditionReason.HandlerReturned);

        assertThat(end.result().at("/input/depth").asInt()).isEqualTo(2);
        assertThat(end.result().path("bytes").asText().strip()).isEqualTo("3000000");
        assertThat(end.result().path("sum").asText())
                .startsWith(first.artifact("pages").sha256());
        assertThat(end.result().path("names").asText().strip()).isEqualTo("pages.txt");
        assertThat(end.status().report().files()).singleElement().satisfies(file -> {
            assertThat(file.sha256()).isEqualTo(first.artifact("pages").sha256());
            assertThat(file.size()).isEqualTo(3_000_000);
        });
    }

    @Test
    void whatIsStagedCanBeReadAndNotChanged() {
        team.apply("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: rules, namespace: $NAMESPACE}
                data: {rules.yaml: "depth: 2", other: not-asked-for}
                binaryData: {raw: AP8=}
                """);
        var end = team.probe("staged", "staged", "/files").with("""
                        files:
                          - {name: rules.yaml, configMapKey: {name: rules, key: rules.yaml}}
                          - {name: bytes, configMapKey: {name: rules, key: raw}}
                        """).start().ends(ConditionReason.HandlerReturned);

        assertThat(end.result().path("contents").properties()).hasSize(2);
        assertThat(end.result().at("/contents/rules.yaml").asText()).isEqualTo("depth: 2");
        assertThat(end.result().path("answers").properties())
                .hasSize(8)
                .allSatisfy(answer -> assertThat(answer.getValue().asText())
                        .as(answer.getKey())
                        .isNotEmpty());
        assertThat(Serialization.asJson(end.status())).doesNotContain("not-asked-for", "AP8=");
        assertThat(end.status().report().files()).extracting("name").containsExactly("rules.yaml", "bytes");
    }

    @Test
    void aDirectoryOfAClaimIsMountedAndNothingBesideIt() throws IOException {
        var disk = Files.createTempDirectory(LocalCluster.runFolder(), "claim");
        Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(disk.resolve("public/2026"));
        Files.createDirectories(disk.resolve("private"));
        Files.writeString(disk.resolve("public/2026/page"), "a page");
        Files.writeString(disk.resolve("private/salaries"), "salaries");
        Files.createSymbolicLink(disk.resolve("public/2026/escape"), Path.of("../../private/salaries"));
        team.apply("""
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: $NAMESPACE, labels: {clusterit: $NAMESPACE}}
                spec:
                  capacity: {storage: 1Mi}
                  accessModes: [ReadWriteOnce]
                  persistentVolumeReclaimPolicy: Retain
                  storageClassName: ""
                  claimRef: {namespace: $NAMESPACE, name: datasets}
                  hostPath: {path: %s}
                ---
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: datasets, namespace: $NAMESPACE}
                spec:
                  accessModes: [ReadWriteOnce]
                  storageClassName: ""
                  volumeName: $NAMESPACE
                  resources: {requests: {storage: 1Mi}}
                """.formatted(disk));
        var script = """
                tried() { if "$@" >/dev/null 2>&1; then echo ok; else echo refused; fi; }
                cd $CORRAL_FILES/pages
                printf '{"page": "%s", "beside": "%s", "escape": "%s", "write": "%s", "remove": "%s", "names": "%s"}' "$(cat page)" \
                  "$(tried ls ../../private)" "$(tried cat escape)" "$(tried cp page other)" "$(tried rm page)" \
                  "$(ls -A . | tr '\\n' ' ')" > $CORRAL_RESULT
                """;

        var end = team.shell("mounted", script)
                .asks("files: {claims: [datasets/public/**]}")
                .with("files: [{name: pages, claim: {name: datasets, path: public/2026}}]")
                .start()
                .ends(ConditionReason.HandlerReturned);
        var outside = team.shell("outside", script)
                .asks("files: {claims: [datasets/public/**]}")
                .with("files: [{name: pages, claim: {name: datasets, path: private}}]")
                .start()
                .ends(ConditionReason.Denied);
        var ungranted = team.shell("ungranted", script)
                .asks("files: {claims: [datasets/**]}")
                .start()
                .ends(ConditionReason.Denied);

        var seen = end.result();
        assertThat(seen.path("page").asText()).isEqualTo("a page");
        for (var way : List.of("beside", "escape", "write", "remove")) {
            assertThat(seen.path(way).asText()).as(way).isEqualTo("refused");
        }
        assertThat(seen.path("names").asText().strip()).isEqualTo("escape page");
        assertThat(disk.resolve("public/2026")).isDirectoryContaining("glob:**/page");
        assertThat(outside.message()).contains("spec.files[0].claim", "does not ask for");
        assertThat(ungranted.message()).contains("files.claims[0]");
    }

    @Test
    void anArtifactThatWillNeverBeThereEndsTheRunAtOnceAndStartsNothing() {
        team.shell("bare", "printf '{}' > $CORRAL_OUTPUT/settings")
                .leaves("settings")
                .start()
                .ends(ConditionReason.HandlerReturned);
        team.shell("broken", "echo x > $CORRAL_OUTPUT/pages; exit 1")
                .leaves("pages")
                .start()
                .ends(ConditionReason.HandlerFailed);
        var brief =
                collecting(team, "brief").with("ttl: {artifacts: 2s}").start().ends(ConditionReason.HandlerReturned);
        var expires = Instant.parse(brief.artifact("pages").expires());
        await().atMost(Duration.ofSeconds(60)).until(() -> Instant.now().isAfter(expires.plusSeconds(1)));

        var absent = taking("absent", "bare");
        var failed = taking("failed", "broken");
        var expired = taking("expired", "brief");

        assertThat(absent.ends(ConditionReason.InputUnavailable).message()).contains("has no artifact \"pages\"");
        assertThat(failed.ends(ConditionReason.InputUnavailable).message()).contains("did not succeed");
        assertThat(expired.ends(ConditionReason.InputUnavailable).message()).contains("expired at");
        for (var run : List.of(absent, failed, expired)) {
            assertThat(run.ended().status().attempt()).as("no pod was made").isNull();
        }
    }

    private static Run taking(String name, String producer) {
        return team.shell(name, "exit 7")
                .asks("artifacts: {read: [%s/pages]}".formatted(producer))
                .with("files: [{name: f, artifact: {execution: %s, artifact: pages}}]".formatted(producer))
                .start();
    }

    /** The producer's plugin is one of the namespace, whose names tenants choose; the grant by name is the catalogue's. */
    @Test
    void aGrantByNameDoesNotOpenWhatATenantsPluginOfThatNameLeft() {
        collecting(byName, "collect").start().ends(ConditionReason.HandlerReturned);

        var denied = byName.shell("thief", "exit 7")
                .asks("artifacts: {read: [collect/pages]}")
                .with("files: [{name: f, artifact: {execution: collect, artifact: pages}}]")
                .start()
                .ends(ConditionReason.Denied);

        assertThat(denied.message())
                .contains("spec.files[0].artifact", "a grant by name is about ClusterPlugins", "*/pages");
    }

    /** Whoever applied it may read every Secret; the policy is silent about this one, so nobody gets it. */
    @Test
    void aStrongAccountDoesNotReplaceAPolicy() {
        team.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: root-password, namespace: $NAMESPACE}
                stringData: {password: correct-horse}
                """);
        var denied = team.shell("launderer", "cat /secrets/root-password/password > $CORRAL_RESULT")
                .asks("secrets: [{name: root-password, keys: [password]}]")
                .with("secrets: [{name: root-password, keys: [password]}]")
                .start()
                .ends(ConditionReason.Denied);

        assertThat(denied.status().error().details()).containsValue("SecretNotGranted");
    }

    @Test
    void anInputFromAConfigMapThatDoesNotMatchTheSchemaStartsNothing() {
        team.apply("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: settings, namespace: $NAMESPACE}
                data: {wrong: '{"depth": "canary-9f2c"}', right: '{"depth": 2}'}
                """);
        var schema = "{type: object, properties: {depth: {type: integer}}}";
        var wrong = team.shell("wrong", "exit 7")
                .expects(schema)
                .with("inputFrom: {configMapKey: {name: settings, key: wrong}}")
                .start()
                .ends(ConditionReason.InputInvalid);
        var right = team.shell("right", "cp $CORRAL_INPUT $CORRAL_RESULT")
                .expects(schema)
                .with("inputFrom: {configMapKey: {name: settings, key: right}}")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(wrong.message()).contains("input.depth", "integer").doesNotContain("canary");
        assertThat(wrong.status().report().started()).isNull();
        assertThat(right.result().path("depth").asInt()).isEqualTo(2);
    }

    /** Every object the API server has and every line the operator wrote, searched for two values. */
    @Test
    void theValueOfAVariableArrivesLiterallyAndIsNowhereElse() {
        var canary = "canary-" + Long.toHexString(System.nanoTime());
        var inline = "$(HOME) $HOME $(CANARY) inline-" + canary;
        team.apply("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: values, namespace: $NAMESPACE}
                data: {canary: %s}
                """.formatted(canary));
        var end = team.shell("env", """
                        printf '{"canary": "%s", "inline": "%s", "other": "%s"}' \\
                          "$(printf %s "$CANARY" | sha256sum)" "$(printf %s "$INLINE" | sha256sum)" "${OTHER-unset}" > $CORRAL_RESULT
                        """)
                .asks("env: [CAN*, INLINE]")
                .with("env: [{name: CANARY, configMapKey: {name: values, key: canary}}, {name: INLINE, value: '%s'}]"
                        .formatted(inline))
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(end.result().path("canary").asText()).startsWith(sha256(canary));
        assertThat(end.result().path("inline").asText()).startsWith(sha256(inline));
        assertThat(end.result().path("other").asText()).isEqualTo("unset");
        assertThat(end.status().assignment().env()).containsExactly("CANARY", "INLINE");

        assertThat(kindsWith(canary))
                .containsOnlyOnce("ConfigMap/values")
                .containsOnly("ConfigMap/values", "PluginExecution/env");
        var execution = Serialization.asJson(end.run().resource().get().getStatus());
        assertThat(execution).doesNotContain(canary);
        for (var pod : team.client().pods().inNamespace("corral-system").list().getItems()) {
            assertThat(team.client()
                            .pods()
                            .inNamespace("corral-system")
                            .withName(pod.getMetadata().getName())
                            .getLog())
                    .as(pod.getMetadata().getName())
                    .doesNotContain(canary);
        }
    }

    private static List<String> kindsWith(String text) {
        return Map.of(
                        "v1", List.of("Pod", "ConfigMap", "Secret", "Event", "ServiceAccount"),
                        "events.k8s.io/v1", List.of("Event"),
                        "networking.k8s.io/v1", List.of("NetworkPolicy"),
                        "corral.dev/v1alpha1",
                                List.of(
                                        "PluginExecution",
                                        "Plugin",
                                        "PluginPolicy",
                                        "ClusterPluginPolicy",
                                        "CorralCluster"))
                .entrySet()
                .stream()
                .flatMap(group -> group.getValue().stream()
                        .flatMap(kind -> team
                                .client()
                                .genericKubernetesResources(group.getKey(), kind)
                                .inAnyNamespace()
                                .list()
                                .getItems()
                                .stream()))
                .filter(object -> Serialization.asJson(object).contains(text))
                .map(object -> object.getKind() + "/" + object.getMetadata().getName())
                .distinct()
                .toList();
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
