package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.limitedTo;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Scene.sections;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.env;
import static dev.corral.operator.policy.Wording.limit;
import static dev.corral.operator.policy.Wording.produce;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.LimitField;
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
}
