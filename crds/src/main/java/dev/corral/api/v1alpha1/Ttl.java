package dev.corral.api.v1alpha1;

/** How long things stay after the end. {@code execution} absent: the finished object is kept (a deleted applied object runs again). */
public record Ttl(String logs, String artifacts, String execution) {}
