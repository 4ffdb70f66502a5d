package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.limitedTo;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Scene.sections;
import static dev.corral.operator.policy.Wording.capabilities;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.claims;
import static dev.corral.operator.policy.Wording.env;
import static dev.corral.operator.policy.Wording.files;
import static dev.corral.operator.policy.Wording.limit;
import static dev.corral.operator.policy.Wording.peers;
import static dev.corral.operator.policy.Wording.produce;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Section;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mode Learn, one rule a test; {@code PolicyLaws.learningOpensNothingThatIsNotGranted} has what holds for all inputs. */
class LearningTest {
    private static List<String> cidrsOf(Verdict verdict) {
        return Scene.granted(verdict).cidrs().stream().map(CidrRule::toString).toList();
    }

    @Test
    void withoutAPolicyThatAllowsItIsDenied() {
        var verdict = aPluginAsking().with(policy("docs")).learning();

        assertThat(((Verdict.Denied) verdict).denials()).singleElement().satisfies(denial -> {
            assertThat(denial.reason()).isEqualTo(DenialReason.LearnNotAllowed);
            assertThat(denial.path()).isEqualTo("spec.mode");
            assertThat(denial.remedy()).contains("ClusterPluginPolicy docs", "learn: Allowed");
        });
    }

    @Test
    void aPluginThatAsksForNothingGetsWhatThePolicyGrants() {
        var scene = aPluginAsking()
                .with(policy("docs", cidrs("203.0.113.0/24:443"), produce("check.*@v1"), env("LANG"))
                        .allowingToLearn());

        var effective = Scene.granted(scene.learning());
        assertThat(effective.learns()).isTrue();
        assertThat(effective.cidrs()).extracting(CidrRule::toString).containsExactly("203.0.113.0/24:443");
        assertThat(effective.produce()).hasToString("[check.*@v1]");
        assertThat(effective.env())
                .as("what cannot be seen to be used is not opened")
                .isEmpty();
        assertThat(scene.granted().cidrs()).as("mode Run").isEmpty();
        assertThat(effective.hash())
                .as("never the pod of a run that is not watched")
                .isNotEqualTo(scene.granted().hash());
    }

    @Test
    void onlyThePoliciesThatAllowItOpenWhatTheyGrant() {
        var scene = aPluginAsking()
                .with(
                        policy("trusted", cidrs("203.0.113.0/24:443")).allowingToLearn(),
                        policy("other", cidrs("198.51.100.0/24:443")));

        assertThat(cidrsOf(scene.learning())).containsExactly("203.0.113.0/24:443");
    }

    @Test
    void aNamespacePolicyNarrowsWhatIsOpened() {
        var scene = aPluginAsking()
                .with(policy("docs", cidrs("203.0.113.0/24:*")).allowingToLearn())
                .with(limitedTo("quiet", cidrs("203.0.113.7/32:443")));

        assertThat(cidrsOf(scene.learning())).containsExactly("203.0.113.7/32:443");
    }

    @Test
    void aDenyWins() {
        var scene = aPluginAsking()
                .with(policy("docs", produce("*@v1"))
                        .denying(produce("secret.*@v1"))
                        .allowingToLearn());

        assertThat(Scene.granted(scene.learning()).produce()).isEmpty();
    }

    @Test
    void theLimitsOfPluginAndHandlerAreLearnedAndThoseOfTheExecutionHold() {
        var scene = aPluginAsking(limit(LimitField.MEMORY, 1 << 20), limit(LimitField.PROCESSES, 2))
                .handlerNarrowing(sections(Section.LIMITS), limit(LimitField.DISK, 1 << 20))
                .executionNarrowing(sections(Section.LIMITS), limit(LimitField.TIMEOUT, 1000))
                .with(policy("docs", limit(LimitField.MEMORY, 64 << 20)).allowingToLearn());

        var limits = Scene.granted(scene.learning()).limits();
        assertThat(limits.memoryBytes()).isEqualTo(64 << 20);
        assertThat(limits.processes()).isEqualTo(128);
        assertThat(limits.diskBytes()).isEqualTo(256 << 20);
        assertThat(limits.timeoutMillis()).isEqualTo(1000);
    }

    @Test
    void whatTheExecutionNarrowsToStaysNarrow() {
        var scene = aPluginAsking()
                .executionNarrowing(sections(Section.NETWORK), cidrs("203.0.113.7/32:443"))
                .with(policy("docs", cidrs("203.0.113.0/24:*")).allowingToLearn());

        assertThat(cidrsOf(scene.learning())).containsExactly("203.0.113.7/32:443");
    }

    @Test
    void whatIsAskedAndNotGrantedIsStillDenied() {
        var scene = aPluginAsking(cidrs("198.51.100.0/24:443"))
                .with(policy("docs", cidrs("203.0.113.0/24:443")).allowingToLearn());

        assertThat(((Verdict.Denied) scene.learning()).denials())
                .extracting(Denial::reason)
                .containsExactly(DenialReason.NetworkNotGranted);
    }

    @Test
    void theListsOfPluginAndHandlerLeaveTheBuiltInRule() {
        var read = files(PermissionField.FILES_READ, "/app/**");
        var write = files(PermissionField.FILES_WRITE, "/work/out/**");
        var commands = files(PermissionField.COMMANDS, "/app/check");
        var granting = policy("docs", read, write, commands).allowingToLearn();

        assertThat(Scene.granted(aPluginAsking(read, write, commands)
                                .with(granting)
                                .learning())
                        .files())
                .isEqualTo(FileAccess.UNRESTRICTED);
        assertThat(Scene.granted(aPluginAsking(read, write, commands)
                                .handlerNarrowing(sections(Section.FILES, Section.COMMANDS), read, commands)
                                .with(granting)
                                .learning())
                        .files())
                .as("nothing readable would be nothing to learn")
                .isEqualTo(FileAccess.UNRESTRICTED);
    }

    @Test
    void whatAHandlerDeniesStaysClosed() {
        var scene = aPluginAsking()
                .handlerNarrowing(sections(Section.FILES), files(PermissionField.FILES_DENY, "/app/keys/**"))
                .with(policy("docs").allowingToLearn());

        assertThat(Scene.granted(scene.learning()).files().deny()).hasToString("[/app/keys/**]");
    }

    @Test
    void aClaimThatIsAskedForIsMounted() {
        var scene = aPluginAsking(claims("datasets/public/**"), files(PermissionField.FILES_READ, "/app/**"))
                .mounting("datasets/public/maps")
                .with(policy("docs", claims("datasets/**")).allowingToLearn());

        assertThat(Scene.granted(scene.learning()).claims()).hasToString("[datasets/public/**]");
    }

    @Test
    void aHandlerStillNarrowsWhatMustBeAskedFor() {
        var scene = aPluginAsking(claims("datasets/public/**"), peers("app=cache:6379"), cidrs("203.0.113.7/32:443"))
                .handlerNarrowing(sections(Section.FILES, Section.NETWORK), claims("datasets/public/maps/**"))
                .with(policy("docs", claims("datasets/**"), peers("app=cache:6379"), cidrs("203.0.113.0/24:443"))
                        .allowingToLearn());

        var effective = Scene.granted(scene.learning());
        assertThat(effective.claims()).hasToString("[datasets/public/maps/**]");
        assertThat(effective.peers()).isEmpty();
        assertThat(effective.cidrs())
                .extracting(CidrRule::toString)
                .as("addresses are learned")
                .contains("203.0.113.0/24:443");
    }

    @Test
    void theListsOfTheExecutionAreJudgedAgainstWhatThePluginAsks() {
        var plugin = aPluginAsking(
                        files(PermissionField.FILES_READ, "/app/**"),
                        files(PermissionField.FILES_WRITE, "/work/out/**"),
                        files(PermissionField.COMMANDS, "/app/check"))
                .with(policy(
                                "docs",
                                files(PermissionField.FILES_READ, "/app/**"),
                                files(PermissionField.FILES_WRITE, "/work/out/**"))
                        .allowingToLearn());

        var files = Scene.granted(
                        plugin.executionNarrowing(sections(Section.FILES), files(PermissionField.FILES_READ, "/app/**"))
                                .learning())
                .files();
        assertThat(files.read()).hasValueSatisfying(read -> assertThat(read).hasToString("[/app/**]"));
        assertThat(files.write())
                .as("left out of a section that is written, as in mode Run")
                .hasValue(List.of());
        assertThat(files.commands()).as("nothing said of them").isEmpty();

        var more = plugin.executionNarrowing(sections(Section.FILES), files(PermissionField.FILES_READ, "/etc/**"));
        assertThat(((Verdict.Denied) more.learning()).denials())
                .extracting(Denial::reason)
                .containsExactly(DenialReason.ExceedsPlugin);
    }

    @Test
    void whatIsUnsaidLeavesNothingOfACapabilityOut() {
        var scene = aPluginAsking(capabilities("browser"), files(PermissionField.FILES_READ, "/app/**"))
                .handlerNarrowing(
                        sections(Section.FILES), files(PermissionField.FILES_READ, "/app/**", "/opt/browser/**"))
                .with(
                        policy("docs", files(PermissionField.FILES_READ, "/app/**"))
                                .allowingToLearn(),
                        policy("browsers", files(PermissionField.FILES_READ, "/opt/browser/**"))
                                .definingCapability("browser"));

        assertThat(Scene.granted(scene.learning()).files().read()).isEmpty();
    }
}
