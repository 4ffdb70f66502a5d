package dev.corral.api.v1alpha1;

import java.util.List;
import java.util.Map;

/** What an administrator means by a service name: pods of a namespace, and their ports ({@code 5432}, {@code 53/udp}). */
public record NamedService(String name, String namespace, Map<String, String> podLabels, List<String> ports) {}
