package dev.corral.operator.observe;

/**
 * A network policy of somebody else that selects plugin pods of a namespace and opens something for them. {@code object} is kind and name,
 * {@code what} the directions it opens, {@code remedy} how to leave plugin pods out of it.
 */
public record NetworkOpening(String object, String what, String remedy) {
    public String message() {
        return object + " opens " + what + " of plugin pods; " + remedy;
    }
}
