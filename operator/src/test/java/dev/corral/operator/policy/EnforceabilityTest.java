package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PermissionField;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Promise: whatever this version cannot enforce is refused with that reason. */
class EnforceabilityTest {
    private static Set<String> fieldsOfTheApi(Class<?> section, String prefix) {
        return Arrays.stream(section.getRecordComponents())
                .flatMap(field -> fieldsOf(field, prefix).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> fieldsOf(RecordComponent field, String prefix) {
        String path = prefix + field.getName();
        return field.getType().isRecord() ? fieldsOfTheApi(field.getType(), path + ".") : Set.of(path);
    }

    @Test
    void everyFieldOfTheVocabularyIsInTheTable() {
        Set<String> answered = Stream.concat(
                        Arrays.stream(PermissionField.values()).map(PermissionField::path),
                        Arrays.stream(LimitField.values()).map(LimitField::path))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(fieldsOfTheApi(dev.corral.api.v1alpha1.Permissions.class, ""))
                .hasSizeGreaterThan(20)
                .isEqualTo(answered);
    }

    @ParameterizedTest
    @EnumSource(PermissionField.class)
    void whatIsNotEnforceableIsRefusedEvenWhenGranted(PermissionField field) {
        Scene scene = aPluginAsking(Wording.something(field)).with(policy("docs", Wording.something(field)));
        switch (Enforceability.of(field)) {
            case Enforceability.NotYet(String because) ->
                assertThat(scene.denied()).singleElement().satisfies(denial -> {
                    assertThat(denial.reason()).isEqualTo(DenialReason.NotEnforceable);
                    assertThat(denial.path()).isEqualTo("spec.permissions." + field.path() + "[0]");
                    assertThat(denial.message()).contains(because);
                });
            case Enforceability.By(String mechanism) -> {
                assertThat(mechanism).isNotBlank();
                // the one that is enforceable but needs a definition besides the grant
                List<DenialReason> expected =
                        field == PermissionField.NETWORK_SERVICES ? List.of(DenialReason.UndefinedService) : List.of();
                assertThat(scene.verdict() instanceof Verdict.Denied ? scene.reasons() : List.of())
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void whereTheGatewayHasNoWayOutHostNamesAreRefused() {
        Scene scene = aPluginAsking(Wording.something(PermissionField.NETWORK_HOSTS))
                .with(policy("docs", Wording.something(PermissionField.NETWORK_HOSTS)));
        Verdict verdict = new PolicySet(scene.clusterRules, List.of())
                .decide(scene.request(), Scene.EXCEPTED.andHosts(), Scene.NOW);
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Verdict.Denied.class,
                        denied -> assertThat(denied.denials()).singleElement().satisfies(denial -> {
                            assertThat(denial.reason()).isEqualTo(DenialReason.NotEnforceable);
                            assertThat(denial.message()).contains("gateway.egress.enabled is false");
                        }));
    }

    @ParameterizedTest
    @EnumSource(LimitField.class)
    void everyLimitIsEffective(LimitField field) {
        Scene scene = aPluginAsking(Wording.limit(field, 7)).with(policy("docs", Wording.limit(field, 9)));
        assertThat(scene.granted().limits().get(field)).hasValue(7);
    }
}
