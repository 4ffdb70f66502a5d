package dev.corral.operator.spec;

import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What was wrong with one object so far. {@code author} is put before messages where readers look at another object; else empty. */
final class Findings {
    private final String author;
    private final List<Violation> violations = new ArrayList<>();

    Findings(String author) {
        this.author = author;
    }

    List<Violation> violations() {
        return violations.stream().sorted().distinct().toList();
    }

    void add(String path, ViolationReason reason, String message) {
        violations.add(new Violation(path, reason, author.isEmpty() ? message : author + ": " + message));
    }

    <T> Optional<T> take(Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Value<T>(T value) -> Optional.of(value);
            case Parsed.Malformed<T>(List<Violation> found) -> {
                found.forEach(violation -> add(violation.path(), violation.reason(), violation.message()));
                yield Optional.empty();
            }
        };
    }

    /** Each entry by itself; what cannot be read is missing from the result and in the findings. */
    <S, T> List<T> each(@Nullable List<S> entries, String path, BiFunction<S, String, Parsed<T>> parser) {
        List<T> values = new ArrayList<>();
        if (entries == null) {
            return values;
        }
        for (int i = 0; i < entries.size(); i++) {
            String entryPath = path + "[" + i + "]";
            S entry = entries.get(i);
            if (entry == null) {
                add(entryPath, ViolationReason.Missing, "is empty; write a value or remove the entry");
            } else {
                take(parser.apply(entry, entryPath)).ifPresent(values::add);
            }
        }
        return values;
    }

    /** Text or a finding that it is missing. */
    String required(@Nullable String text, String path) {
        if (text == null || text.isEmpty()) {
            add(path, ViolationReason.Missing, "is required");
            return "";
        }
        return text;
    }

    /** A map whose keys and values are both there. */
    Map<String, String> map(@Nullable Map<String, String> entries, String path) {
        Map<String, String> complete = new TreeMap<>();
        if (entries != null) {
            entries.forEach((key, value) -> {
                if (key == null || value == null) {
                    add(path + "." + key, ViolationReason.Missing, "is empty; write a value or remove the entry");
                } else {
                    complete.put(key, value);
                }
            });
        }
        return complete;
    }
}
