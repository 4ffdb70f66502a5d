package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.Optional;

/** The controller's writes. Every object is applied whole by one field manager; every status write is optimistic-locked. */
public final class Applier {
    /** The controller's field manager. The gateway's is another, so that neither can write the other's fields by accident. */
    public static final String FIELD_MANAGER = "corral-controller";

    private final KubernetesClient client;

    public Applier(KubernetesClient client) {
        this.client = client;
    }

    public void apply(NetworkPolicy policy) {
        client.resource(policy).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
    }

    /** The account plugin pods run as: no token, no bindings. */
    public void ensureAccount(String namespace, String name, Map<String, String> labels) {
        ServiceAccount account = new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(labels)
                .endMetadata()
                .withAutomountServiceAccountToken(false)
                .build();
        client.resource(account).fieldManager(FIELD_MANAGER).forceConflicts().serverSideApply();
    }

    /** What came of asking for a pod. */
    public sealed interface Creation {
        /** It is there now, as asked for. */
        record Made() implements Creation {}

        /** A pod of that name is there already: ours from before a crash, or somebody else's. */
        record Found(Pod pod) implements Creation {}

        /** The words of the refusal. */
        record Refused(String words) implements Creation {}
    }

    /** Creates a pod. What holds its name already is read live: a cache of our own pods would never show a stranger's. */
    public Creation create(Pod pod) {
        try {
            client.resource(pod).create();
            return new Creation.Made();
        } catch (KubernetesClientException failure) {
            return switch (ClusterErrors.kind(failure)) {
                case Conflict ->
                    Optional.ofNullable(client.resource(pod).get())
                            .<Creation>map(Creation.Found::new)
                            .orElseThrow(() -> failure);
                case Refused, Absent -> new Creation.Refused(ClusterErrors.words(failure));
                case Transient -> throw failure;
            };
        }
    }

    /**
     * Deletes exactly the object with that uid; that it is gone already is fine. The uid is the precondition and not the version: a
     * pod's status changes all the time, and none of those changes may save it.
     */
    public <T extends HasMetadata> void delete(Class<T> type, String namespace, String name, String uid) {
        String group = HasMetadata.getApiVersion(type);
        String path = (group.contains("/") ? "/apis/" : "/api/") + group + "/namespaces/" + namespace + "/"
                + HasMetadata.getPlural(type) + "/" + name;
        DeleteOptions only = new DeleteOptionsBuilder()
                .withNewPreconditions()
                .withUid(uid)
                .endPreconditions()
                .build();
        try {
            client.raw(path, "DELETE", only);
        } catch (KubernetesClientException failure) {
            if (ClusterErrors.kind(failure) != ClusterErrors.Kind.Absent
                    && ClusterErrors.kind(failure) != ClusterErrors.Kind.Conflict) {
                throw failure;
            }
        }
    }

    /**
     * Writes the controller's part of a status, if nobody wrote the object since it was read. False means somebody did:
     * read again and decide again. The claim of a pod is such a write, and this is what makes it happen at most once.
     */
    public boolean writeStatus(PluginExecution read, PluginExecutionStatus status) {
        PluginExecution body = new PluginExecution();
        body.setMetadata(new ObjectMetaBuilder()
                .withName(read.getMetadata().getName())
                .withNamespace(read.getMetadata().getNamespace())
                .withUid(read.getMetadata().getUid())
                .withResourceVersion(read.getMetadata().getResourceVersion())
                .build());
        body.setStatus(status);
        try {
            client.resource(body).subresource("status").patch(ServerSideApply.by(FIELD_MANAGER));
            return true;
        } catch (KubernetesClientException failure) {
            return switch (ClusterErrors.kind(failure)) {
                case Conflict, Absent -> false;
                case Refused, Transient -> throw failure;
            };
        }
    }
}
