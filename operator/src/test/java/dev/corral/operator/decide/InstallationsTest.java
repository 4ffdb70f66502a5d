package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import dev.corral.api.v1alpha1.NamespaceExpression;
import dev.corral.api.v1alpha1.NamespaceExpression.Operator;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever the labels, exactly one installation looks after an execution, or none: never two. */
class InstallationsTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    private static final Optional<Map<String, String>> PLAIN = Optional.of(Map.of());
    private static final Optional<Map<String, String>> TWOS = Optional.of(Map.of("installation", "two"));
    private static final Optional<Map<String, String>> THREES = Optional.of(Map.of("installation", "three"));
    private static final NamespaceSelector REST =
            new NamespaceSelector(null, List.of(new NamespaceExpression("installation", Operator.DoesNotExist, null)));
    private static final NamespaceSelector TWO = new NamespaceSelector(Map.of("installation", "two"), null);

    private final Installations first = seenBy("corral-system", REST, status("corral-two", TWO));
    private final Installations second = seenBy("corral-two", TWO, status("corral-system", REST));

    @Test
    void aloneItServesEverythingAlsoWhatItHasNotSeenYet() {
        var alone = seenBy("corral-system", NamespaceSelector.ALL);
        assertThat(Stream.of(PLAIN, TWOS, Optional.<Map<String, String>>empty()))
                .allMatch(alone::serves);
        assertThat(alone.isNobodys(TWOS)).isFalse();
    }

    @Test
    void whereLabelsDecideANamespaceThatIsNotKnownYetWaits() {
        assertThat(first.serves(Optional.empty())).isFalse();
        assertThat(first.isNobodys(Optional.empty())).isFalse();
        assertThat(seenBy("corral-system", NamespaceSelector.ALL, status("corral-two", TWO))
                        .serves(Optional.empty()))
                .isFalse();
    }

    @Test
    void eachServesItsOwnAndBothSayOfTheRestThatItIsNobodys() {
        assertThat(first.serves(PLAIN)).isTrue();
        assertThat(second.serves(PLAIN)).isFalse();
        assertThat(first.serves(TWOS)).isFalse();
        assertThat(second.serves(TWOS)).isTrue();
        assertThat(Stream.of(first, second)).noneMatch(one -> one.serves(THREES) || one.isNobodys(TWOS));
        assertThat(Stream.of(first, second)).allMatch(one -> one.isNobodys(THREES));
        var notes = Stream.of(first, second)
                .flatMap(one -> one.unserved(waiting("corral-two"), THREES).notes().stream())
                .distinct()
                .toList();
        assertThat(notes).singleElement().satisfies(note -> {
            assertThat(note.reason()).isEqualTo("NamespaceNotServed");
            assertThat(note.note()).contains("team-a").contains("corralclusters");
        });
    }

    /** The API server forgets Events after an hour, and there is nothing else that says why nothing happens. */
    @Test
    void whatIsNobodysIsToldAgainWhenTheEventIsForgotten() {
        assertThat(first.unserved(fresh(), THREES).lookAgain())
                .hasValueSatisfying(
                        again -> assertThat(again).isBetween(Duration.ofMinutes(61), Duration.ofMinutes(90)));
        assertThat(first.unserved(fresh(), TWOS)).isEqualTo(Decision.nothing());
    }

    @Test
    void whatSeveralSelectTheFirstInTheAlphabetServesAndSaysSo() {
        var all = seenBy("corral-system", NamespaceSelector.ALL, status("corral-two", TWO));
        var other = seenBy("corral-two", TWO, status("corral-system", null));
        assertThat(all.serves(TWOS)).isTrue();
        assertThat(other.serves(TWOS)).isFalse();
        var namespaces = List.of(
                new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("b")
                        .withLabels(TWOS.orElseThrow())
                        .endMetadata()
                        .build(),
                new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("a")
                        .endMetadata()
                        .build());
        assertThat(all.shared(namespaces)).containsExactly("b (corral-two too; corral-system serves it)");
        assertThat(other.shared(namespaces)).containsExactly("b (corral-system too; corral-system serves it)");
    }

    @Test
    void whatIsUnclaimedGoesWithItsNamespace() {
        for (var execution : List.of(fresh(), waiting("corral-system"), waiting("corral-two"))) {
            assertThat(first.has(execution, PLAIN)).isTrue();
            assertThat(second.has(execution, PLAIN)).isFalse();
            assertThat(first.has(execution, TWOS)).isFalse();
            assertThat(second.has(execution, TWOS)).isTrue();
        }
    }

    @Test
    void whatIsClaimedStaysWithWhoClaimedItToItsEnd() {
        var run = claimed("corral-system");
        assertThat(Stream.of(PLAIN, TWOS, THREES))
                .allMatch(labels -> first.has(run, labels) && !second.has(run, labels));
        assertThat(first.unserved(run, THREES)).isEqualTo(Decision.nothing());
        var over = ended(run);
        assertThat(first.has(over, TWOS)).isFalse();
        assertThat(second.has(over, TWOS)).isTrue();
    }

    @Test
    void whatAnInstallationLeftThatIsGoneGoesWithItsNamespace() {
        var run = claimed("corral-gone");
        assertThat(first.has(run, PLAIN)).isTrue();
        assertThat(second.has(run, PLAIN)).isFalse();
        assertThat(second.has(run, TWOS)).isTrue();
    }

    /** Every pair of selectors, every label, every state: never both. */
    @Test
    void neverTwo() {
        var selectors = List.of(
                NamespaceSelector.ALL,
                REST,
                TWO,
                new NamespaceSelector(
                        null, List.of(new NamespaceExpression("installation", Operator.In, List.of("two", "three")))),
                new NamespaceSelector(
                        null, List.of(new NamespaceExpression("installation", Operator.NotIn, List.of("three")))));
        var runs = List.of(fresh(), waiting("b"), claimed("a"), claimed("b"), claimed("gone"), ended(claimed("a")));
        var checked = 0;
        for (var one : selectors) {
            for (var other : selectors) {
                var a = seenBy("a", one, status("b", other));
                var b = seenBy("b", other, status("a", one));
                for (var labels : List.of(PLAIN, TWOS, THREES)) {
                    for (var run : runs) {
                        assertThat(a.has(run, labels) && b.has(run, labels)).isFalse();
                        assertThat(a.isNobodys(labels)).isEqualTo(!a.serves(labels) && !b.serves(labels));
                        checked++;
                    }
                }
            }
        }
        assertThat(checked).isEqualTo(450);
    }

    @ParameterizedTest
    @CsvSource({
        "In, true, false, false",
        "NotIn, false, true, true",
        "Exists, true, true, false",
        "DoesNotExist, false, false, true"
    })
    void expressionsAreThoseOfKubernetes(Operator operator, boolean same, boolean another, boolean absent) {
        var selector = new NamespaceSelector(
                null,
                List.of(new NamespaceExpression(
                        "installation",
                        operator,
                        operator == Operator.In || operator == Operator.NotIn ? List.of("two") : null)));
        assertThat(selector.matches(Map.of("installation", "two"))).isEqualTo(same);
        assertThat(selector.matches(Map.of("installation", "three"))).isEqualTo(another);
        assertThat(selector.matches(Map.of())).isEqualTo(absent);
    }

    private static Installations seenBy(String own, NamespaceSelector namespaces, CorralClusterStatus... others) {
        return Installations.of(
                own,
                namespaces,
                Stream.concat(Stream.of(status(own, namespaces)), Stream.of(others))
                        .map(InstallationsTest::cluster)
                        .toList());
    }

    private static CorralCluster cluster(CorralClusterStatus status) {
        var cluster = new CorralCluster();
        cluster.setStatus(status);
        return cluster;
    }

    private static CorralClusterStatus status(String installation, NamespaceSelector namespaces) {
        return new CorralClusterStatus("test", List.of(), List.of(), installation, namespaces, null);
    }

    private static PluginExecution fresh() {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team-a")
                .withName("check")
                .withUid("uid-1")
                .build());
        return execution;
    }

    private static PluginExecution waiting(String installation) {
        return with(fresh(), new StatusDraft(fresh(), NOW, NOW).by(installation).build());
    }

    private static PluginExecution claimed(String installation) {
        return with(
                fresh(),
                new StatusDraft(fresh(), NOW, NOW)
                        .by(installation)
                        .attempt(new Attempt(1, "pex-1", "pod-uid", "session", NOW.toString(), null))
                        .build());
    }

    private static PluginExecution ended(PluginExecution run) {
        var draft = new StatusDraft(run, NOW, NOW).ended(Ending.of(ConditionReason.HandlerReturned, "done"));
        return with(fresh(), draft.build());
    }

    private static PluginExecution with(PluginExecution execution, PluginExecutionStatus status) {
        execution.setStatus(status);
        return execution;
    }
}
