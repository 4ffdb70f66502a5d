package dev.corral.operator.permission;

/** The kinds of malformed fields. The message of the {@link Violation} says what to write instead. */
public enum ViolationReason {
    /** A required field is absent or empty: write it. */
    Missing,
    /** The text does not follow the field's grammar: write it as the message shows. */
    Malformed,
    /** A number, size or duration is zero, negative or too large: choose one within the named bounds. */
    OutOfRange,
    /** The variable changes how programs are loaded or belongs to the platform: choose another name. */
    ReservedEnv,
    /** The same thing is said twice where only once makes sense: remove one. */
    Duplicate,
    /** Two fields contradict each other or the field has no meaning here: remove what the message names. */
    Contradiction
}
