package dev.corral.operator.decide;

import java.time.Duration;

/**
 * The clocks that make every execution end. {@code pending}: from first sight to the claim; {@code staging}: what the
 * launcher gets to bring the files before the handler starts; {@code collection}: what the launcher gets
 * to collect and report after the run, before the controller stops waiting; {@code logs}: how long an ended pod is kept;
 * {@code settle}: how long a refusal may still be overtaken by a policy or plugin that was applied together with the execution; {@code quiet}: how
 * long a start may take before the status speaks of it, so that a usual one costs no write; {@code stopping}: what a launcher gets to stop a
 * revoked run by itself, before its pod is deleted; {@code queued}: how long an execution waits for its turn.
 */
public record Clocks(
        Duration pending,
        Duration staging,
        Duration grace,
        Duration collection,
        Duration logs,
        Duration settle,
        Duration quiet,
        Duration stopping,
        Duration queued) {
    public static Clocks standard() {
        return new Clocks(
                Duration.ofMinutes(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(5),
                Duration.ofSeconds(150),
                Duration.ofMinutes(10),
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                Duration.ofSeconds(15),
                Duration.ofHours(24));
    }

    /** What a launcher gets from the end of a run to its report. */
    Duration ending() {
        return grace.plus(collection);
    }

    /** For whoever looks again at the first of several moments. */
    static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    public Clocks withPending(Duration value) {
        return new Clocks(value, staging, grace, collection, logs, settle, quiet, stopping, queued);
    }
}
