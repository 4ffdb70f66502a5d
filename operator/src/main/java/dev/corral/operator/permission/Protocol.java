package dev.corral.operator.permission;

/** Transport protocols a network permission can name; TCP where none is written, and under {@code denies} any. */
public enum Protocol {
    TCP,
    UDP,
    /** Either of them: only of what is denied, for a deny that leaves one out leaves a way open. */
    ANY;

    boolean covers(Protocol other) {
        return this == ANY || this == other;
    }

    boolean overlaps(Protocol other) {
        return covers(other) || other == ANY;
    }
}
