package dev.corral.operator.queue;

/** How many executions may wait of those the {@code key} names; {@code policy} and {@code field} say where the bound stands. */
public record QueueBound(String key, int most, String policy, String field) {}
