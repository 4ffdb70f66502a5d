package dev.corral.operator.schema;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** The last answers, of each namespace at most a quarter: what one asks does not make the others ask again. */
final class Answers {
    private static final int SHARE = 4;

    private record Question(String namespace, String asked) {}

    private final int most;
    private final LinkedHashMap<Question, List<String>> answers =
            new LinkedHashMap<>(16, 0.75f, true); // in use: at the end

    Answers(int most) {
        this.most = most;
    }

    synchronized Optional<List<String>> get(String namespace, String asked) {
        return Optional.ofNullable(answers.get(new Question(namespace, asked)));
    }

    synchronized void put(String namespace, String asked, List<String> said) {
        answers.put(new Question(namespace, asked), said);
        List<Question> own = answers.keySet().stream()
                .filter(question -> question.namespace().equals(namespace))
                .toList();
        if (own.size() > most / SHARE) {
            answers.remove(own.getFirst());
        } else if (answers.size() > most) {
            answers.pollFirstEntry();
        }
    }
}
