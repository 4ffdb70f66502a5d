package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.regex.Pattern;

/**
 * Asks for metadata alone in answer to deletions, to writes of a status or of what a pod is beside it, and to Events: nobody reads more, for
 * the object as it is after the write comes by the watch.
 */
final class BriefAnswers implements Interceptor {
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final Pattern PATCHED = Pattern.compile(".*/(status|pods/[^/]+)");

    @Override
    public void before(BasicBuilder next, HttpRequest request, RequestTags tags) {
        String path = request.uri().getPath();
        boolean brief = switch (request.method()) {
            case "DELETE" -> true;
            case "PATCH" -> PATCHED.matcher(path).matches();
            case "POST" -> path.endsWith("/events");
            default -> false;
        };
        if (brief) {
            next.setHeader("Accept", METADATA);
        }
    }
}
