package dev.corral.api.v1alpha1;

/** {@code Digest}: only images pinned by digest; {@code Tag}: tags too, the digest that ran is recorded. */
public enum ImageReferencePolicy {
    Digest,
    Tag
}
