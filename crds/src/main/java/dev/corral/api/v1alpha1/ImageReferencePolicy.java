package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import org.jspecify.annotations.Nullable;

/** {@code Digest}: only images pinned by digest; {@code Tag}: tags too, the digest that ran is recorded. A value of another version of the CRD is read as {@code Digest}: the stricter one. */
public enum ImageReferencePolicy {
    Digest,
    Tag;

    @JsonCreator
    static ImageReferencePolicy of(@Nullable String value) {
        for (var known : values()) {
            if (known.name().equals(value)) {
                return known;
            }
        }
        return Digest;
    }
}
