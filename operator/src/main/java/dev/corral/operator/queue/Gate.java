package dev.corral.operator.queue;

/**
 * One bound on how many executions run at once. {@code key} names whom it counts, {@code policy} and {@code field} where the bound
 * stands, {@code wide} whether it counts executions of more than one namespace.
 */
public record Gate(String key, boolean wide, int running, String policy, String field) {
    /** What a person reads who waits here. */
    public String sentence() {
        return policy + " lets " + running + " run at once (" + field + ")";
    }
}
