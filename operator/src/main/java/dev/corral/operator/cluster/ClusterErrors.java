package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** What an HTTP failure of the API server means to a caller. */
public final class ClusterErrors {
    private ClusterErrors() {}

    /** The kinds of answer a caller can react to. */
    public enum Kind {
        /** Somebody else wrote first, or the object exists: read again. */
        Conflict,
        /** Gone or never there. */
        Absent,
        /** Refused by quota, admission or validation: asking again changes nothing by itself. */
        Refused,
        /** The server or the way to it: try again later. */
        Transient
    }

    public static Kind kind(KubernetesClientException failure) {
        return switch (failure.getCode()) {
            case 409 -> Kind.Conflict;
            case 404, 410 -> Kind.Absent;
            case 400, 403, 405, 413, 415, 422 -> Kind.Refused;
            default -> Kind.Transient;
        };
    }

    /** The server's own words, without the URL in front. */
    public static String words(KubernetesClientException failure) {
        if (failure.getStatus() != null && failure.getStatus().getMessage() != null) {
            return failure.getStatus().getMessage();
        }
        return failure.getMessage() == null ? "no message" : failure.getMessage();
    }
}
