package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Wording.files;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Section;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Promise: a list of files restricts, whoever writes it; a deny of any layer holds, whatever is granted. */
class FileAccessTest {
    private static final Wording.Entry ALL = files(PermissionField.FILES_READ, "/**");

    private static List<PathGlob> globs(String... texts) {
        return Arrays.stream(texts)
                .map(text -> PathGlob.parse(text, "").orElseThrow())
                .toList();
    }

    private static FileAccess of(Scene scene) {
        return scene.granted().files();
    }

    @Test
    void withoutAListTheBuiltInRuleHolds() {
        assertThat(of(aPluginAsking().with(policy("docs", ALL)))).isEqualTo(FileAccess.UNRESTRICTED);
    }

    @Test
    void aListIsGrantedGlobByGlobAndNamesWhoGrantedIt() {
        Scene scene = aPluginAsking(files(PermissionField.FILES_READ, "/etc/*", "/app/**"))
                .with(policy("docs", files(PermissionField.FILES_READ, "/app/**", "/etc/*")));
        assertThat(of(scene).read()).contains(globs("/app/**", "/etc/*"));
        assertThat(scene.granted().lines())
                .anySatisfy(
                        line -> assertThat(line.toString()).isEqualTo("files.read /app/** ← ClusterPluginPolicy/docs"));
    }

    @Test
    void whatNoPolicyGrantsIsRefusedWithTheGrantThatWouldAllowIt() {
        Scene scene = aPluginAsking(files(PermissionField.FILES_READ, "/etc/shadow"))
                .with(policy("docs", files(PermissionField.FILES_READ, "/app/**")));
        assertThat(scene.denied()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.PermissionNotGranted);
            assertThat(denial.remedy()).endsWith("grants: {files: {read: [\"/etc/shadow\"]}}");
        });
    }

    /** Or an execution that narrows to nothing would get the whole image. */
    @Test
    void aListNarrowedToNothingGrantsNothing() {
        Scene scene = aPluginAsking(files(PermissionField.FILES_READ, "/app/**"))
                .with(policy("docs", ALL))
                .executionNarrowing(Set.of(Section.FILES));
        assertThat(of(scene).read()).contains(List.of());
    }

    @Test
    void whatThePluginDeniesItselfNeedsNoGrantAndNoLayerTakesItBack() {
        Scene scene = aPluginAsking(files(PermissionField.FILES_DENY, "/app/keys/**"))
                .with(policy("docs", ALL))
                .executionNarrowing(Set.of(Section.FILES), files(PermissionField.FILES_DENY, "/etc/**"));
        assertThat(of(scene).deny()).isEqualTo(globs("/app/keys/**", "/etc/**"));
        assertThat(of(scene).read()).isEqualTo(Optional.empty());
    }

    @Test
    void aDeniedPathInsideAnAskedOneIsCutOutAndHoldsForThoseWhoAskForNothing() {
        Scene.Rule denying = policy("docs", ALL, files(PermissionField.COMMANDS, "/**"))
                .denying(
                        files(PermissionField.FILES_READ, "/app/keys/**"),
                        files(PermissionField.FILES_WRITE, "/work/out/x"),
                        files(PermissionField.COMMANDS, "/bin/sh"));
        for (Scene scene : List.of(
                aPluginAsking(files(PermissionField.FILES_READ, "/app/**")).with(denying),
                aPluginAsking().with(denying))) {
            assertThat(of(scene).deny()).isEqualTo(globs("/app/keys/**"));
            assertThat(of(scene).denyWrite()).isEqualTo(globs("/work/out/x"));
            assertThat(of(scene).denyCommands()).isEqualTo(globs("/bin/sh"));
        }
        assertThat(aPluginAsking(files(PermissionField.FILES_READ, "/app/keys/a"))
                        .with(denying)
                        .reasons())
                .containsExactly(DenialReason.DeniedByPolicy);
    }

    @Test
    void everyListIsPartOfTheHash() {
        String plain = aPluginAsking().with(policy("docs", ALL)).granted().hash();
        String narrowed = aPluginAsking(files(PermissionField.FILES_READ, "/app/**"))
                .with(policy("docs", ALL))
                .granted()
                .hash();
        String nothing = aPluginAsking(files(PermissionField.FILES_READ, "/app/**"))
                .with(policy("docs", ALL))
                .executionNarrowing(Set.of(Section.FILES))
                .granted()
                .hash();
        assertThat(Set.of(plain, narrowed, nothing)).hasSize(3);
    }

    /** Without it the launcher would not be told. */
    @Test
    void whatPoliciesDenyRestrictsWhereNothingElseDoes() {
        assertThat(denied(PermissionField.FILES_READ).restrictsFiles()).isTrue();
        assertThat(denied(PermissionField.FILES_WRITE).restrictsFiles()).isTrue();
        assertThat(denied(PermissionField.FILES_WRITE).restrictsCommands()).isFalse();
        assertThat(denied(PermissionField.COMMANDS).restrictsCommands()).isTrue();
        assertThat(denied(PermissionField.COMMANDS).restrictsFiles()).isFalse();
    }

    private static FileAccess denied(PermissionField field) {
        return aPluginAsking()
                .with(policy("docs").denying(files(field, "/app/x")))
                .granted()
                .files();
    }

    /** Denied paths are cut out of what is granted, so that a grant alone does not show that something was taken away. */
    @Test
    void aDenyAddedLaterIsMissedByARunThatWasGivenThePath() {
        Scene.Rule granting = policy("docs", ALL);
        EffectivePermissions before = aPluginAsking(files(PermissionField.FILES_READ, "/app/**"))
                .with(granting)
                .granted();
        EffectivePermissions after = aPluginAsking(files(PermissionField.FILES_READ, "/app/**"))
                .with(policy("docs", ALL).denying(files(PermissionField.FILES_READ, "/app/keys/**")))
                .granted();
        assertThat(Given.of(before).missingFrom(before)).isEmpty();
        assertThat(Given.of(before).missingFrom(after)).containsExactly("what is denied now: files.deny /app/keys/**");
        assertThat(Given.of(after).missingFrom(before)).isEmpty();
    }
}
