package dev.corral.operator.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnswersTest {
    private final Answers answers = new Answers(8);

    @Test
    void whoeverAsksMuchForgetsAnswersOfTheirOwnAndNobodyElses() {
        put("b", 1);
        IntStream.range(0, 100).forEach(i -> put("a", i));

        assertThat(answers.get("b", "1")).contains(List.of("b 1"));
        assertThat(answers.get("a", "97")).isEmpty();
        assertThat(answers.get("a", "98")).contains(List.of("a 98"));
        assertThat(answers.get("a", "99")).contains(List.of("a 99"));
    }

    @Test
    void whatIsInUseStays() {
        put("a", 1);
        put("a", 2);
        assertThat(answers.get("a", "1")).isPresent();

        put("a", 3);

        assertThat(answers.get("a", "1")).isPresent();
        assertThat(answers.get("a", "2")).isEmpty();
    }

    @Test
    void ofAllTogetherTheOldestIsForgotten() {
        IntStream.range(0, 9).forEach(i -> put("team-" + i, i));

        assertThat(answers.get("team-0", "0")).isEmpty();
        assertThat(answers.get("team-1", "1")).isPresent();
        assertThat(answers.get("team-8", "8")).isPresent();
    }

    private void put(String namespace, int asked) {
        answers.put(namespace, String.valueOf(asked), List.of(namespace + " " + asked));
    }
}
