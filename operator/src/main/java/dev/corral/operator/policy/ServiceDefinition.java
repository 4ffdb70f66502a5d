package dev.corral.operator.policy;

import dev.corral.operator.permission.Labels;
import dev.corral.operator.permission.Ports;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What an administrator means by a service name: pods of a namespace by their labels, and the ports. */
public record ServiceDefinition(String name, String namespace, SortedMap<String, String> podLabels, List<Ports> ports)
        implements Comparable<ServiceDefinition> {
    public ServiceDefinition {
        // no labels would mean every pod of the namespace, and no ports every port
        if (!Labels.isDnsLabel(name) || !Labels.isDnsLabel(namespace) || podLabels.isEmpty() || ports.isEmpty()) {
            throw new IllegalArgumentException("service " + name);
        }
        String problem = Labels.problemOf(podLabels);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        podLabels = Collections.unmodifiableSortedMap(new TreeMap<>(podLabels));
        ports = ports.stream().sorted().distinct().toList();
    }

    @Override
    public int compareTo(ServiceDefinition other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return name + " = " + namespace + podLabels + ports;
    }
}
