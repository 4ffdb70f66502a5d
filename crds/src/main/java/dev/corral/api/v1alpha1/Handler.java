package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** One entry point of a plugin. {@code permissions}, where present, replaces the plugin's section by section and may only narrow it. */
public record Handler(
        String name,
        List<String> command,
        Permissions permissions,
        JsonNode input,
        JsonNode output,
        Boolean idempotent) {}
