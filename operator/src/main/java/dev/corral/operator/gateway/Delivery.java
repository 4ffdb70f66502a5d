package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.FileDigest;
import java.util.List;

/** What a launcher that asks for its assignment is told. */
sealed interface Delivery {
    /** The assignment as JSON, the hash of the input in it, and what is staged. */
    record Work(byte[] assignment, String inputHash, List<FileDigest> files) implements Delivery {}

    /** The decided assignment cannot be completed: something it names is not there, or is not what the handler takes. */
    record Impossible(String reason, String why) implements Delivery {}

    /** This session will never be assigned. */
    record Never() implements Delivery {}
}
