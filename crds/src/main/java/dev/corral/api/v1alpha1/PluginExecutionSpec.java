package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What to run. Immutable after creation but for {@code suspend}, {@code cancel} and {@code ttl}. */
public record PluginExecutionSpec(
        PluginReference plugin,
        String handler,
        JsonNode input,
        InputSource inputFrom,
        List<EnvVariable> env,
        List<SecretPermission> secrets,
        Permissions permissions,
        String timeout,
        Retry retry,
        Ttl ttl,
        Boolean suspend,
        Boolean cancel,
        ExecutionMode mode) {}
