package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.regex.Pattern;

/**
 * Asks for metadata alone in answer to writes of a status, of a pod and its deletion, and of Events: nobody reads more, for the object as it
 * is after the write comes by the watch. Of a deletion of many the API server refuses to say so little (406).
 */
final class BriefAnswers implements Interceptor {
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final Pattern POD = Pattern.compile(".*/namespaces/[^/]+/pods/[^/]+");

    @Override
    public void before(BasicBuilder next, HttpRequest request, RequestTags tags) {
        String path = request.uri().getPath();
        boolean brief = switch (request.method()) {
            case "DELETE" -> POD.matcher(path).matches();
            case "PATCH" -> path.endsWith("/status") || POD.matcher(path).matches();
            case "POST" -> path.endsWith("/events");
            default -> false;
        };
        if (brief) {
            next.setHeader("Accept", METADATA);
        }
    }
}
