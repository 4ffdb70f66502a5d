package dev.corral.operator.gateway;

/** What a launcher that asks for its assignment is told. */
sealed interface Delivery {
    /** The assignment as JSON, and the hash of the input in it. */
    record Work(byte[] assignment, String inputHash) implements Delivery {}

    /** The decided assignment cannot be completed: an input or variable it names is not there. */
    record Impossible(String why) implements Delivery {}

    /** This session will never be assigned. */
    record Never() implements Delivery {}
}
