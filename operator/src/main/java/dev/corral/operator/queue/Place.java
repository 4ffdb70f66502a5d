package dev.corral.operator.queue;

import java.time.Duration;

/** Where an execution stands. */
public sealed interface Place {
    /** It may start. */
    record Turn() implements Place {}

    /** As many run as may; {@code position} counts from 1 among those that wait at the same gate. */
    record Waits(int position, Gate gate) implements Place {}

    /** A ResourceQuota has no room. {@code words} are the API server's, {@code look} is when to ask again at the latest. */
    record WaitsForQuota(int position, String words, Duration look) implements Place {}

    /** It would have to wait, and as many wait as may. */
    record Full(QueueBound bound) implements Place {}
}
