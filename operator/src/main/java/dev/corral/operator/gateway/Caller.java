package dev.corral.operator.gateway;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who a token belongs to, as the API server's TokenReview says. */
public record Caller(String username, String uid, List<String> groups, Map<String, List<String>> extra) {
    private static final String POD_NAME = "authentication.kubernetes.io/pod-name";
    private static final String POD_UID = "authentication.kubernetes.io/pod-uid";
    private static final String SERVICE_ACCOUNT = "system:serviceaccount:";

    public Caller {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }

    /** The pod the token is bound to (KEP-2799): only the API server writes these extras. */
    Optional<BoundPod> pod() {
        var name = single(POD_NAME);
        var podUid = single(POD_UID);
        if (name.isEmpty() || podUid.isEmpty() || !username.startsWith(SERVICE_ACCOUNT)) {
            return Optional.empty();
        }
        var account = username.substring(SERVICE_ACCOUNT.length());
        var colon = account.indexOf(':');
        return colon < 1
                ? Optional.empty()
                : Optional.of(new BoundPod(account.substring(0, colon), name.get(), podUid.get()));
    }

    private Optional<String> single(String key) {
        var values = extra.getOrDefault(key, List.of());
        return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
    }

    /** The pod a token was issued for. */
    record BoundPod(String namespace, String name, String uid) {}
}
