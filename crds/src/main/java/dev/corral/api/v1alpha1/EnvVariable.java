package dev.corral.api.v1alpha1;

/** One variable: exactly one of {@code value} and {@code configMapKey}. The value arrives literally, {@code $(…)} is not expanded. */
public record EnvVariable(String name, String value, ConfigMapKey configMapKey) {}
