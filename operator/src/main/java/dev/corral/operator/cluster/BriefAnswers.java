package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.regex.Pattern;

/**
 * Asks for metadata alone in answer to the writes of a run – status of execution, pool and pod, and Events – of which nobody reads more: the
 * object as it is after the write comes by the watch. Statuses that the Java Operator SDK writes stay out, for it caches the answer.
 */
final class BriefAnswers implements Interceptor {
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final Pattern STATUS = Pattern.compile(".*/(pluginexecutions|pluginpools|pods)/[^/]+/status");

    @Override
    public void before(BasicBuilder next, HttpRequest request, RequestTags tags) {
        String path = request.uri().getPath();
        boolean status =
                request.method().equals("PATCH") && STATUS.matcher(path).matches();
        boolean event = request.method().equals("POST") && path.endsWith("/events");
        if (status || event) {
            next.setHeader("Accept", METADATA);
        }
    }
}
