package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.decide.EventNote;
import dev.corral.operator.spec.Recent;
import dev.corral.operator.status.PlainText;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes notes as Kubernetes Events. Names are made from what happened, so a repeat after a crash is the same Event; what this process
 * has published is not sent again for as long as the API server keeps it.
 */
public final class EventPublisher {
    private static final Logger log = LoggerFactory.getLogger(EventPublisher.class);
    private static final int NOTE_LIMIT = 1024; // the API's own, which says characters and counts bytes
    private static final String CUT = "…";
    private static final int CUT_BYTES = 3;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private static final int REMEMBERED = 8192;
    /** An API server's own default ({@code --event-ttl}). */
    private static final Duration KEPT = Duration.ofHours(1);

    private final KubernetesClient client;
    private final String instance;
    private final Executor later;
    /** The names of Events known to exist, the latest of them, and since when. */
    private final Recent<String, Instant> published = new Recent<>(REMEMBERED);

    /** {@code later}: runs what nobody waits for, beside the loops. */
    public EventPublisher(KubernetesClient client, String instance, Executor later) {
        this.client = client;
        this.instance = instance;
        this.later = later;
    }

    /**
     * An Event is a courtesy: that it cannot be written is logged, and never fails the run it tells of. Whoever looks at the execution
     * again asks for it again.
     */
    public void publish(PluginExecution execution, EventNote note, Instant now) {
        String name = name(execution, note);
        if (isPublished(name, now)) {
            return;
        }
        try {
            client.resource(event(execution, note, now)).create();
            published.put(name, now);
        } catch (KubernetesClientException failure) {
            if (ClusterErrors.kind(failure) == ClusterErrors.Kind.Conflict) {
                published.put(name, now);
            } else {
                log.atWarn()
                        .addKeyValue("execution", execution.getMetadata().getName())
                        .addKeyValue("reason", note.reason())
                        .addKeyValue("answer", ClusterErrors.words(failure))
                        .log("event not published");
            }
        }
    }

    /**
     * The same, without waiting for it: for notes whose first telling may have failed. After a start there can be thousands of them, and no
     * execution is to wait for its turn behind those. What is not sent before the process ends is asked for again by the next.
     */
    public void publishLater(PluginExecution execution, EventNote note, Instant now) {
        if (!isPublished(name(execution, note), now)) {
            later.execute(() -> publish(execution, note, now));
        }
    }

    private boolean isPublished(String name, Instant now) {
        return published
                .get(name)
                .filter(since -> now.isBefore(since.plus(KEPT)))
                .isPresent();
    }

    private static String name(PluginExecution execution, EventNote note) {
        return "corral-" + execution.getMetadata().getUid() + "-"
                + note.reason().toLowerCase(Locale.ROOT);
    }

    private Event event(PluginExecution execution, EventNote note, Instant now) {
        return new EventBuilder()
                .withNewMetadata()
                .withName(name(execution, note))
                .withNamespace(execution.getMetadata().getNamespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(now)))
                .withType(note.type().name())
                .withReason(note.reason())
                .withAction(note.action())
                .withNote(text(note.note()))
                .withReportingController("corral.dev/controller")
                .withReportingInstance(instance)
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(execution.getApiVersion())
                        .withKind(execution.getKind())
                        .withName(execution.getMetadata().getName())
                        .withNamespace(execution.getMetadata().getNamespace())
                        .withUid(execution.getMetadata().getUid())
                        .build())
                .build();
    }

    /** Notes hold the words of kubelets and others, and are shown on terminals. */
    private static String text(String note) {
        String clean = PlainText.lines(note, Integer.MAX_VALUE);
        return PlainText.cut(clean, NOTE_LIMIT).equals(clean)
                ? clean
                : PlainText.cut(clean, NOTE_LIMIT - CUT_BYTES) + CUT;
    }
}
