package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where pods may land; only policies say it. */
@ApiObject
public record Placement(
        @JsonPropertyDescription("Labels of the nodes. Default: any node. Example: {pool: plugins}.")
        @Size(max = 16)
        @ValidationRule(value = Rule.LABEL_KEYS, message = Rule.LABEL_KEYS_MESSAGE)
        @Nullable
        Map<String, @Size(max = 63) @Pattern(Grammar.LABEL_VALUE) String> nodeSelector,

        @JsonPropertyDescription("Taints the pods tolerate. Default: none.") @Size(max = 16) @Nullable
        List<Toleration> tolerations,

        @JsonPropertyDescription("Priority class of the pods. Default: the cluster's. Example: batch.")
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        @Nullable
        String priorityClassName,

        @JsonPropertyDescription("Runtime class of the pods. Default: the cluster's. Example: gvisor.")
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        @Nullable
        String runtimeClassName,

        @JsonPropertyDescription(
                "CPU request of a pod that waits in a pool, and later of its run; the limit stays what is granted. Default: 10m. Example: 5m.")
        @Size(max = 32)
        @Pattern(Grammar.CPU)
        @ValidationRule(value = Rule.CORES, message = Rule.CORES_MESSAGE)
        @Nullable
        String waitingCPU) {}
