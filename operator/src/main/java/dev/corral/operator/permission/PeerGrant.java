package dev.corral.operator.permission;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Pods of the same namespace that carry all these labels, and their ports: {@code app=db,tier=x:5432}. */
public record PeerGrant(SortedMap<String, String> labels, Ports ports) implements Grantable, Comparable<PeerGrant> {
    private static final String FORM = "write app=db,tier=x:5432";

    public PeerGrant {
        String problem = labels.isEmpty() ? "names no label" : Labels.problemOf(labels);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    }

    public static Parsed<PeerGrant> parse(String text, String path) {
        return parse(text, path, Ports::parse);
    }

    /** Pods nobody may reach: without a protocol, by none. */
    public static Parsed<PeerGrant> parseDeny(String text, String path) {
        return parse(text, path, Ports::parseDeny);
    }

    private static Parsed<PeerGrant> parse(
            String text, String path, BiFunction<String, String, Parsed<Ports>> portsOf) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return malformed(path, text, "names no port; " + FORM + ", or :* for all");
        }
        SortedMap<String, String> labels = new TreeMap<>();
        for (String label : text.substring(0, colon).split(",", -1)) {
            int equals = label.indexOf('=');
            if (equals < 1) {
                return malformed(path, text, "has a part that is no label; " + FORM);
            }
            if (labels.put(label.substring(0, equals), label.substring(equals + 1)) != null) {
                return malformed(path, text, "names a label twice; " + FORM);
            }
        }
        String problem = Labels.problemOf(labels);
        if (problem != null) {
            return malformed(path, text, "has a malformed label: " + problem);
        }
        return portsOf.apply(text.substring(colon + 1), path).map(ports -> new PeerGrant(labels, ports));
    }

    private static Parsed<PeerGrant> malformed(String path, String text, String problem) {
        return Parsed.malformed(path, ViolationReason.Malformed, Text.quoted(text) + " " + problem);
    }

    /** Whoever asks for more labels asks for fewer pods. */
    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof PeerGrant(SortedMap<String, String> asked, Ports askedPorts)
                && asked.entrySet().containsAll(labels.entrySet())
                && ports.covers(askedPorts);
    }

    /** Only two values of one label keep selections apart: otherwise a pod can carry both sets of labels. */
    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof PeerGrant(SortedMap<String, String> asked, Ports askedPorts)
                && ports.overlaps(askedPorts)
                && labels.entrySet().stream()
                        .allMatch(own -> own.getValue().equals(asked.getOrDefault(own.getKey(), own.getValue())));
    }

    @Override
    public int compareTo(PeerGrant other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return labels.entrySet().stream()
                        .map(label -> label.getKey() + "=" + label.getValue())
                        .collect(Collectors.joining(","))
                + ":" + ports;
    }
}
