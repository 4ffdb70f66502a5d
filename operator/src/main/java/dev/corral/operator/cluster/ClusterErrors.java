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
            default -> tooLarge(failure) ? Kind.Refused : Kind.Transient;
        };
    }

    /** Whether what was to be made is refused, or its namespace gone. A webhook that does not answer refuses, too: as long as it does not. */
    static boolean refused(KubernetesClientException failure) {
        return switch (kind(failure)) {
            case Refused, Absent -> true;
            case Transient -> failure.getCode() == 500 && words(failure).contains("failed calling webhook");
            case Conflict -> false;
        };
    }

    /** Whether the schema refused it, and not an admission policy, or the server could not even read what was applied. */
    static boolean invalid(KubernetesClientException failure) {
        return failure.getCode() == 422 && !words(failure).contains("ValidatingAdmissionPolicy")
                || failure.getCode() == 400 && words(failure).contains("error decoding YAML");
    }

    /** Whether the object as it would be has more bytes than are taken; etcd's own refusal is passed on as an error of the server. */
    static boolean tooLarge(KubernetesClientException failure) {
        return failure.getCode() == 413
                || failure.getCode() == 500
                        && (words(failure)
                                        .contains("request is too large") // etcd's own bound, or the one of its client
                                || words(failure).contains("message larger than max"));
    }

    /** The server's own words, without the URL in front. */
    public static String words(KubernetesClientException failure) {
        if (failure.getStatus() != null && failure.getStatus().getMessage() != null) {
            return failure.getStatus().getMessage();
        }
        return failure.getMessage() == null ? "no message" : failure.getMessage();
    }
}
