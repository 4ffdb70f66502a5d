package dev.corral.operator.permission;

/** Why a field cannot be read, and how to write it instead. {@code path} is the exact path inside the object, with list indexes. */
public record Violation(String path, ViolationReason reason, String message) implements Comparable<Violation> {
    @Override
    public int compareTo(Violation other) {
        int byPath = path.compareTo(other.path);
        return byPath != 0 ? byPath : message.compareTo(other.message);
    }

    @Override
    public String toString() {
        return path + ": " + message;
    }
}
