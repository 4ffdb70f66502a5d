package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Where an execution stands that waits for its turn. */
@ApiObject
public record QueueStatus(
        @JsonPropertyDescription("1 is next. As of time.") @Min(1) @Nullable
        Integer position,

        @JsonPropertyDescription("What it waits for: ConcurrencyLimit or QuotaExceeded.") @Size(max = 63) @Nullable
        String reason,

        @JsonPropertyDescription("When position was written; without a position: when its turn came.")
        @Size(max = 64)
        @Nullable
        String time) {}
