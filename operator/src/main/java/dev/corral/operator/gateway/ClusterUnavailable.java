package dev.corral.operator.gateway;

/** The API server did not answer, or not in a way that settles the question; asking again may. */
public final class ClusterUnavailable extends RuntimeException {
    public ClusterUnavailable(String message, Throwable cause) {
        super(message, cause);
    }

    public ClusterUnavailable(String message) {
        super(message);
    }
}
