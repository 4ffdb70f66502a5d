package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Upper bounds of one run. Quantities are Kubernetes quantities, durations have a unit. The minimum of all layers holds. */
@ApiObject
public record Limits(
        @JsonPropertyDescription("Wall time, with units (h, m, s, ms), at most 24h. Default: 5m. Example: 2m.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.DURATION)
        @ValidationRule(value = Rule.TIMEOUT, message = Rule.TIMEOUT_MESSAGE)
        @Nullable
        String timeout,

        @JsonPropertyDescription("Memory, as a quantity. Default: 256Mi. Example: 128Mi.")
        @Size(max = 16)
        @Pattern(Grammar.BYTES)
        @ValidationRule(value = Rule.SIZE, message = Rule.SIZE_MESSAGE)
        @Nullable
        String memory,

        @JsonPropertyDescription("CPU rate, in cores or millicores. Default: 500m. Example: 500m.")
        @Size(max = 16)
        @Pattern(Grammar.CPU)
        @ValidationRule(value = Rule.CORES, message = Rule.CORES_MESSAGE)
        @Nullable
        String cpu,

        @JsonPropertyDescription("CPU time in all, with a unit. Default: no bound but timeout times cpu. Example: 30s.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.DURATION)
        @ValidationRule(value = Rule.TIMEOUT, message = Rule.TIMEOUT_MESSAGE)
        @Nullable
        String cpuTime,

        @JsonPropertyDescription("Scratch space, as a quantity. Default: 256Mi. Example: 64Mi.")
        @Size(max = 16)
        @Pattern(Grammar.BYTES)
        @ValidationRule(value = Rule.SIZE, message = Rule.SIZE_MESSAGE)
        @Nullable
        String disk,

        @JsonPropertyDescription("Processes and threads at once. Default: 128. Example: 64.")
        @Min(1)
        @Max(32768)
        @Nullable
        Integer processes,

        @JsonPropertyDescription("All artifacts together, as a quantity. Default: 64Mi. Example: 10Mi.")
        @Size(max = 16)
        @Pattern(Grammar.BYTES)
        @ValidationRule(value = Rule.SIZE, message = Rule.SIZE_MESSAGE)
        @Nullable
        String output,

        @JsonPropertyDescription("Events of one run. Default: 100. Example: 20.") @Min(0) @Max(10000) @Nullable
        Integer events) {}
