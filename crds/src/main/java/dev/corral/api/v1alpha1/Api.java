package dev.corral.api.v1alpha1;

/** Names of the API group, used by every kind. */
public final class Api {
    public static final String GROUP = "corral.dev";
    public static final String VERSION = "v1alpha1";

    private Api() {}
}
