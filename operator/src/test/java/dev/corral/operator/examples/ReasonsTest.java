package dev.corral.operator.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.operator.policy.DenialReason;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every word a status can say is explained, with what to do about it, in the order of the code. */
class ReasonsTest {
    static Stream<Arguments> words() {
        return Stream.of(
                Arguments.of("docs/operations.md", "## Reasons", ConditionReason.values()),
                Arguments.of("docs/operations.md", "## Conditions", ConditionType.values()),
                Arguments.of("docs/policies.md", "## Denials", DenialReason.values()));
    }

    @ParameterizedTest
    @MethodSource("words")
    void everyWordIsExplained(String page, String heading, Enum<?>[] words) {
        List<List<String>> rows = Repository.rows(Repository.read(page), heading);
        assertThat(rows).allSatisfy(row -> assertThat(row).noneMatch(String::isEmpty));
        assertThat(rows.stream().map(List::getFirst).map(Repository::unquoted))
                .isEqualTo(Arrays.stream(words).map(Enum::name).toList());
    }
}
