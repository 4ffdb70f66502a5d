package dev.corral.operator.observe;

import java.util.Optional;

/**
 * A network policy of somebody else that selects plugin pods of a namespace and opens something for them. {@code object} is kind and name,
 * {@code what} the directions it opens, {@code remedy} how to leave plugin pods out of it. {@code stray}: it has our label, so that a guard
 * keeps everybody but us from deleting it.
 */
public record NetworkOpening(String object, String what, String remedy, Optional<Stray> stray) {
    /** Which policy it is. */
    public record Stray(String namespace, String name, String uid) {}

    public String message() {
        return object + " opens " + what + " of plugin pods; " + remedy;
    }
}
