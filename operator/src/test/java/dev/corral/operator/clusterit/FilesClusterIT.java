package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.EnforcementStatus;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** File globs and commands, tried from inside pods, and what the status says of them. */
class FilesClusterIT {
    private static final String GRANTS = """
            files: {read: ["/**"], write: ["/**"]}
            commands: ["*"]
            limits: {timeout: 2m, memory: 128Mi, disk: 64Mi, processes: 64}
            """;

    /** Says ok or refused of a command. */
    private static final String TRIED = "tried() { if \"$@\" >/dev/null 2>&1; then echo ok; else echo refused; fi; }\n";

    @RegisterExtension
    static final Team team = Team.granted("files", GRANTS);

    @RegisterExtension
    static final Team denied =
            Team.governed("files-denied", "denies: {files: {read: [\"/etc/group\"]}}\ngrants:\n" + GRANTS.indent(2));

    @RegisterExtension
    static final Team ungranted = Team.granted("files-none", "limits: {timeout: 2m, memory: 128Mi}\n");

    @Test
    void whatIsNotListedIsNotRead() {
        var end = team.shell("reads", TRIED + """
                        ln -s /etc/group $TMPDIR/link
                        printf '{"listed": "%s", "unlisted": "%s", "listing": "%s", "root": "%s", "link": "%s", "input": "%s"}' \\
                          "$(tried cat /etc/passwd)" "$(tried cat /etc/group)" "$(tried ls /etc)" \\
                          "$(tried cat /proc/self/root/etc/group)" "$(tried cat $TMPDIR/link)" "$(tried cat $CORRAL_INPUT)" > $CORRAL_RESULT
                        """)
                .asks("files: {read: [\"/bin/**\", \"/usr/bin/**\", /etc/passwd]}")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(words(end.result()))
                .isEqualTo(Map.of(
                        "listed", "ok",
                        "unlisted", "refused",
                        "listing", "refused",
                        "root", "refused",
                        "link", "refused",
                        "input", "ok"));
        var row = row(end, "files.read");
        assertThat(row.state()).isEqualTo(EnforcementState.Partial);
        assertThat(row.mechanism()).startsWith("Landlock ABI ");
        assertThat(row.reason()).contains("stat");
    }

    @Test
    void whatAPolicyDeniesIsClosedThoughNothingWasAskedFor() {
        var end = denied.shell("reads", TRIED + """
                        printf '{"denied": "%s", "other": "%s"}' "$(tried cat /etc/group)" "$(tried cat /etc/passwd)" > $CORRAL_RESULT
                        """).start().ends(ConditionReason.HandlerReturned);

        assertThat(words(end.result())).isEqualTo(Map.of("denied", "refused", "other", "ok"));
        assertThat(row(end, "files.deny").state()).isEqualTo(EnforcementState.Partial);
    }

    @Test
    void onlyWhatIsListedIsWrittenAndLeavesThePod() {
        var end = team.shell("writes", TRIED + """
                        echo kept > $CORRAL_OUTPUT/kept
                        printf '{"other": "%s", "work": "%s", "shm": "%s"}' "$(tried cp /etc/passwd $CORRAL_OUTPUT/other)" \\
                          "$(tried cp /etc/passwd /work/x)" "$(tried cp /etc/passwd /dev/shm/x)" > $CORRAL_RESULT
                        """)
                .asks("files: {write: [/work/out/kept, /work/result.json]}")
                .leaves("kept", "other")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(words(end.result())).isEqualTo(Map.of("other", "refused", "work", "refused", "shm", "refused"));
        assertThat(end.artifact("kept").size()).isEqualTo(5);
        assertThat(end.artifact("other").sha256()).isNull();
        assertThat(row(end, "files.write").state()).isEqualTo(EnforcementState.Partial);
    }

    @Test
    void onlyListedProgramsAreExecuted() {
        var end = team.probe(
                        "commands",
                        "access",
                        "execute:/probe:exit:0",
                        "copy:/probe:/work/probe",
                        "execute:/work/probe:exit:0",
                        "copy:/probe:/dev/shm/probe",
                        "execute:/dev/shm/probe:exit:0",
                        "memfd:/probe",
                        "execveat:/probe")
                .asks("commands: [/probe]")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(words(end.result().get("answers")))
                .containsEntry("execute:/probe:exit:0", "ok")
                .containsEntry("copy:/probe:/work/probe", "ok")
                .containsEntry("execute:/work/probe:exit:0", "EACCES")
                .containsEntry("execute:/dev/shm/probe:exit:0", "EACCES")
                .containsEntry("memfd:/probe", "EPERM")
                .containsEntry("execveat:/probe", "EPERM");
        assertThat(row(end, "commands").state()).isEqualTo(EnforcementState.Enforced);
    }

    @Test
    void anInterpreterThatIsListedRunsWhatItReadsAndTheRowSaysSo() {
        var end = team.shell("interprets", TRIED + """
                        printf '#!/bin/sh\\nexit 0\\n' > /work/script
                        chmod 700 /work/script
                        cp /bin/busybox /work/busybox
                        printf '{"script": "%s", "copy": "%s", "read": "%s"}' \\
                          "$(tried /work/script)" "$(tried /work/busybox true)" "$(tried sh /work/script)" > $CORRAL_RESULT
                        """)
                .asks("commands: [/bin/sh, /bin/busybox]")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(words(end.result())).isEqualTo(Map.of("script", "refused", "copy", "refused", "read", "ok"));
        var row = row(end, "commands");
        assertThat(row.state()).isEqualTo(EnforcementState.Partial);
        assertThat(row.reason()).contains("is an interpreter");
    }

    @Test
    void aLoaderThatIsListedRunsWhatItReadsAndTheRowSaysSo() {
        var end = python("loads", """
                        import json, os, shutil, subprocess
                        shutil.copy('/usr/bin/python3.11', '/work/other')
                        def tried(*command):
                            try: return 'ok' if subprocess.run(command, capture_output=True).returncode == 0 else 'refused'
                            except OSError as e: return type(e).__name__
                        loader = os.path.realpath('/lib64/ld-linux-x86-64.so.2')
                        json.dump({'copy': tried('/work/other', '-c', ''), 'loaded': tried(loader, '/work/other', '-c', '')}, open(os.environ['CORRAL_RESULT'], 'w'))
                        """)
                .asks("commands: [/usr/bin/python3, /lib64/ld-linux-x86-64.so.2]")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(words(end.result())).isEqualTo(Map.of("copy", "PermissionError", "loaded", "ok"));
        var row = row(end, "commands");
        assertThat(row.state()).isEqualTo(EnforcementState.Partial);
        assertThat(row.reason()).contains("is a loader or a library");
    }

    @Test
    void aProgramWithoutItsLoaderDoesNotStartAndTheEndSaysWhy() {
        var end = python("unloaded", "pass")
                .asks("commands: [/usr/bin/python3]")
                .start()
                .ends(ConditionReason.HandlerNotStarted);

        assertThat(end.message()).contains("loader");
    }

    @Test
    void whatNoPolicyGrantsIsRefused() {
        var end = ungranted
                .shell("asks", "true")
                .asks("files: {read: [\"/etc/**\"]}")
                .start()
                .ends(ConditionReason.Denied);

        assertThat(end.message()).contains("files.read");
    }

    private static PluginDraft python(String name, String program) {
        return new PluginDraft(team, name, "plugin-python", "/usr/bin/python3", "-c", program);
    }

    private static EnforcementStatus row(Run.End end, String permission) {
        return end.status().enforcement().stream()
                .filter(row -> row.permission().equals(permission))
                .findFirst()
                .orElseThrow(() -> new AssertionError(
                        "no row " + permission + " in " + end.status().enforcement()));
    }

    private static Map<String, String> words(JsonNode object) {
        return object.properties().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().asText()));
    }
}
