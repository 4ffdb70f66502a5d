package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;

/** Asks for metadata alone in answer to writes of a status, and of Events: nobody reads more, for the object as it is after the write comes by the watch. */
final class BriefAnswers implements Interceptor {
    private static final String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

    @Override
    public void before(BasicBuilder next, HttpRequest request, RequestTags tags) {
        String path = request.uri().getPath();
        boolean status = request.method().equals("PATCH") && path.endsWith("/status");
        boolean event = request.method().equals("POST") && path.endsWith("/events");
        if (status || event) {
            next.setHeader("Accept", METADATA);
        }
    }
}
