package dev.corral.api.v1alpha1;

import java.util.List;
import java.util.Map;

/** Where pods may land; only policies say it. */
public record Placement(
        Map<String, String> nodeSelector,
        List<Toleration> tolerations,
        String priorityClassName,
        String runtimeClassName) {}
