package dev.corral.operator.permission;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The outcome of reading text that somebody else wrote: a value, or everything that is wrong with it. */
public sealed interface Parsed<T> {
    /** It could be read. */
    record Value<T>(T value) implements Parsed<T> {}

    /** It could not be read. */
    record Malformed<T>(List<Violation> violations) implements Parsed<T> {
        public Malformed {
            if (violations.isEmpty()) {
                throw new IllegalArgumentException("malformed without a violation");
            }
            violations = List.copyOf(violations);
        }
    }

    static <T> Parsed<T> value(T value) {
        return new Value<>(value);
    }

    static <T> Parsed<T> malformed(String path, ViolationReason reason, String message) {
        return new Malformed<>(List.of(new Violation(path, reason, message)));
    }

    default <R> Parsed<R> map(Function<? super T, ? extends R> change) {
        return switch (this) {
            case Value<T>(T value) -> new Value<>(change.apply(value));
            case Malformed<T>(List<Violation> violations) -> new Malformed<>(violations);
        };
    }

    default <R> Parsed<R> flatMap(Function<? super T, Parsed<R>> change) {
        return switch (this) {
            case Value<T>(T value) -> change.apply(value);
            case Malformed<T>(List<Violation> violations) -> new Malformed<>(violations);
        };
    }

    /** Empty for a value. */
    default List<Violation> violations() {
        return switch (this) {
            case Value<T> ignored -> List.of();
            case Malformed<T>(List<Violation> violations) -> violations;
        };
    }

    /** Empty for what could not be read, where nobody is told why. */
    default Optional<T> asOptional() {
        return switch (this) {
            case Value<T>(T value) -> Optional.of(value);
            case Malformed<T> ignored -> Optional.empty();
        };
    }

    /** For text that is known to be right, such as our own constants. */
    default T orElseThrow() {
        return switch (this) {
            case Value<T>(T value) -> value;
            case Malformed<T>(List<Violation> violations) ->
                throw new IllegalArgumentException(violations.getFirst().toString());
        };
    }
}
