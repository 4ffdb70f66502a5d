package dev.corral.operator.learn;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a run in mode Learn was seen to try. Paths are absolute and free of symbolic links, a directory that was listed ends in a slash;
 * addresses are written {@code 203.0.113.7:443/tcp}, names {@code host:port}. {@code unseen} calls could not be looked at or did not fit.
 */
public record Sighting(
        SortedSet<String> read,
        SortedSet<String> written,
        SortedSet<String> executed,
        SortedSet<String> addresses,
        SortedSet<String> names,
        SortedSet<String> topics,
        SortedSet<String> variables,
        long unseen,
        Use use) {

    /** The most of each limit that was used; 0 where it is not known. */
    public record Use(
            long wallMillis,
            long cpuTimeMillis,
            long memoryBytes,
            long diskBytes,
            long processes,
            long outputBytes,
            long events) {}

    public Sighting {
        read = sorted(read);
        written = sorted(written);
        executed = sorted(executed);
        addresses = sorted(addresses);
        names = sorted(names);
        topics = sorted(topics);
        variables = sorted(variables);
    }

    private static SortedSet<String> sorted(Collection<String> texts) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(texts));
    }
}
