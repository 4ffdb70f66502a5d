package dev.corral.operator.policy;

/** Text for hashing. Every part carries its length, so that no value can imitate a boundary between two. */
final class CanonicalText {
    private final StringBuilder text = new StringBuilder();

    void add(String what, String... parts) {
        text.append(what);
        for (String part : parts) {
            text.append(' ').append(part.length()).append(':').append(part);
        }
        text.append('\n');
    }

    String sha256() {
        return Sha256.hex(text.toString());
    }
}
