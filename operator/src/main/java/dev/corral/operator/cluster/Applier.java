package dev.corral.operator.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller's writes, and what it reads around its caches. Every object is applied whole by one field manager; every status write is optimistic-locked. */
public final class Applier {
    /** The controller's field manager. The gateway's is another, so that neither can write the other's fields by accident. */
    public static final String FIELD_MANAGER = "corral-controller";

    private static final Logger log = LoggerFactory.getLogger(Applier.class);

    private final KubernetesClient client;

    public Applier(KubernetesClient client) {
        this.client = client;
    }

    /** What a cache keeps, and of a {@link Slim} copy the object as the API server has it; empty when that is gone. */
    public <T extends HasMetadata> Optional<T> whole(T kept) {
        return Slim.is(kept)
                ? Optional.ofNullable(client.resource(kept).get())
                        .filter(found -> kept.getMetadata()
                                .getUid()
                                .equals(found.getMetadata().getUid()))
                : Optional.of(kept);
    }

    /** What came of laying a network policy. */
    public sealed interface Laying {
        /** It lies there as it was given. */
        record AsGiven() implements Laying {}

        /** It lies there, and is something else. */
        record Changed(String words) implements Laying {}

        /** The words of the refusal. */
        record Refused(String words) implements Laying {}
    }

    /** Lays the policy down as it is given, whatever lies under its name with our label. */
    public Laying apply(NetworkPolicy policy) {
        try {
            NetworkPolicy laid = applied(policy);
            if (laid.getMetadata().getDeletionTimestamp() != null) {
                // it goes when whoever holds it back says so, beside whatever runs then: now is better
                letGo(laid);
                laid = applied(policy);
            }
            return lies(policy, laid) || lies(policy, replaced(policy, laid))
                    ? new Laying.AsGiven()
                    : new Laying.Changed("NetworkPolicy " + policy.getMetadata().getName()
                            + " was changed on its way by a mutating webhook or MutatingAdmissionPolicy");
        } catch (KubernetesClientException failure) {
            return new Laying.Refused(refusal(failure));
        }
    }

    private static boolean lies(NetworkPolicy wanted, NetworkPolicy found) {
        return LaidPolicy.of(found).says(LaidPolicy.of(wanted));
    }

    /** Deletes a network policy that passes for ours, whoever holds it back: a guard keeps everybody else from its finalizers. */
    public void clear(String namespace, String name, String uid) {
        letGo(new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withUid(uid)
                .endMetadata()
                .build());
        delete(NetworkPolicy.class, namespace, name, uid);
    }

    private void letGo(NetworkPolicy held) {
        ArrayNode patch = client.getKubernetesSerialization().convertValue(List.of(), ArrayNode.class);
        step(patch, "test", "/metadata/uid").put("value", held.getMetadata().getUid());
        step(patch, "add", "/metadata/finalizers").putArray("value");
        unlessOvertaken(
                held.getMetadata().getName(),
                () -> client.resource(held)
                        .patch(
                                PatchContext.of(PatchType.JSON),
                                client.getKubernetesSerialization().asJson(patch)));
    }

    /** Server-side apply leaves what others wrote into fields that ours has not: rules, labels, owners. */
    private NetworkPolicy replaced(NetworkPolicy wanted, NetworkPolicy laid) {
        ArrayNode patch = client.getKubernetesSerialization().convertValue(List.of(), ArrayNode.class);
        step(patch, "test", "/metadata/uid").put("value", laid.getMetadata().getUid());
        step(patch, "add", "/metadata/labels")
                .putPOJO("value", wanted.getMetadata().getLabels());
        step(patch, "add", "/metadata/ownerReferences").putArray("value");
        step(patch, "replace", "/spec").putPOJO("value", wanted.getSpec());
        log.atWarn()
                .addKeyValue("namespace", wanted.getMetadata().getNamespace())
                .addKeyValue("name", wanted.getMetadata().getName())
                .log("network policy had more in it than Corral wrote; replacing it");
        return client.resource(laid)
                .patch(
                        PatchContext.of(PatchType.JSON),
                        client.getKubernetesSerialization().asJson(patch));
    }

    private <T extends HasMetadata> T applied(T object) {
        return client.resource(object)
                .fieldManager(FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    private static String refusal(KubernetesClientException failure) {
        if (!ClusterErrors.refused(failure)) {
            throw failure;
        }
        return ClusterErrors.words(failure);
    }

    /** The account plugin pods run as: no token, no bindings. The words of a refusal. */
    public Optional<String> ensureAccount(String namespace, String name, Map<String, String> labels) {
        ServiceAccount account = new ServiceAccountBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(labels)
                .endMetadata()
                .withAutomountServiceAccountToken(false)
                .build();
        try {
            applied(account);
            return Optional.empty();
        } catch (KubernetesClientException failure) {
            return Optional.of(refusal(failure));
        }
    }

    /** What came of asking for a pod. */
    public sealed interface Creation {
        /** It is there now, as asked for. */
        record Made(Pod pod) implements Creation {}

        /** A pod of that name is there already: ours from before a crash, or somebody else's. */
        record Found(Pod pod) implements Creation {}

        /** The words of the refusal. */
        record Refused(String words) implements Creation {}
    }

    /** Creates a pod. What holds its name already is read live: a cache of our own pods would never show a stranger's. */
    public Creation create(Pod pod) {
        try {
            return new Creation.Made(client.resource(pod).create());
        } catch (KubernetesClientException failure) {
            if (ClusterErrors.refused(failure)) {
                return new Creation.Refused(ClusterErrors.words(failure));
            }
            if (ClusterErrors.kind(failure) != ClusterErrors.Kind.Conflict) {
                throw failure;
            }
            return Optional.ofNullable(client.resource(pod).get())
                    .<Creation>map(Creation.Found::new)
                    .orElseThrow(() -> failure);
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
     * Makes an execution the owner of a pod it claimed from a pool, if it still is the pool's; whether it did. That the pod is gone or somebody
     * else's by now is for the next look to find.
     */
    public boolean adopt(String namespace, String pod, String podUID, String poolUID, RunIdentity run) {
        ArrayNode patch = client.getKubernetesSerialization().convertValue(List.of(), ArrayNode.class);
        step(patch, "test", "/metadata/uid").put("value", podUID);
        step(patch, "test", "/metadata/ownerReferences/0/uid").put("value", poolUID);
        step(patch, "replace", "/metadata/ownerReferences")
                .putArray("value")
                .addPOJO(OwnedLabels.owner("PluginExecution", run.name(), run.uid()));
        OwnedLabels.ofRun(run)
                .forEach((key, value) -> step(patch, "add", "/metadata/annotations/" + key.replace("/", "~1"))
                        .put("value", value));
        Pod which = new PodBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(pod)
                .endMetadata()
                .build(); // of one that it has only the name of, the client would read all first
        return unlessOvertaken(
                pod,
                () -> client.resource(which)
                        .patch(
                                PatchContext.of(PatchType.JSON),
                                client.getKubernetesSerialization().asJson(patch)));
    }

    private static ObjectNode step(ArrayNode patch, String operation, String path) {
        return patch.addObject().put("op", operation).put("path", path);
    }

    /** Whether it was patched: that the object is gone, or not any more what the patch is for, is for the next look to find. */
    private static boolean unlessOvertaken(String name, Runnable patch) {
        try {
            patch.run();
            return true;
        } catch (KubernetesClientException failure) {
            switch (ClusterErrors.kind(failure)) {
                case Conflict, Absent -> log.atDebug().addKeyValue("name", name).log("not patched");
                case Refused ->
                    log.atWarn()
                            .addKeyValue("name", name)
                            .addKeyValue("why", ClusterErrors.words(failure))
                            .log("not patched");
                case Transient -> throw failure;
            }
            return false;
        }
    }

    /**
     * Writes a status that has no other writer, whole. {@code body}: an object without anything, to write it in. That what was read is gone,
     * or another by now, is for the next look to find.
     */
    public <S, R extends CustomResource<?, S>> void applyStatus(R read, R body, S status) {
        body.setMetadata(new ObjectMetaBuilder()
                .withName(read.getMetadata().getName())
                .withNamespace(read.getMetadata().getNamespace())
                .withUid(read.getMetadata().getUid())
                .build());
        body.setStatus(status);
        try {
            client.resource(body).subresource("status").patch(ServerSideApply.by(FIELD_MANAGER));
        } catch (KubernetesClientException failure) {
            if (ClusterErrors.kind(failure) != ClusterErrors.Kind.Absent
                    && ClusterErrors.kind(failure) != ClusterErrors.Kind.Conflict) {
                throw failure;
            }
        }
    }

    /**
     * Makes the status of an execution that ended say that it is about the spec as it is now, and leaves the rest of it as it stands: applied
     * anew it would lose whatever is not said again. That somebody wrote meanwhile is for the next look to find.
     */
    public void observeSpec(String namespace, String name, String uid) {
        PluginExecution found = client.resources(PluginExecution.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        if (found == null || !uid.equals(found.getMetadata().getUid()) || found.getStatus() == null) {
            return;
        }
        Long generation = found.getMetadata().getGeneration();
        if (generation.equals(found.getStatus().observedGeneration())) {
            return;
        }
        ArrayNode patch = client.getKubernetesSerialization().convertValue(List.of(), ArrayNode.class);
        step(patch, "test", "/metadata/uid").put("value", uid);
        step(patch, "test", "/metadata/generation").put("value", generation);
        step(patch, "add", "/status/observedGeneration").put("value", generation);
        List<Condition> conditions =
                Objects.requireNonNullElse(found.getStatus().conditions(), List.of());
        for (int i = 0; i < conditions.size(); i++) {
            String path = "/status/conditions/" + i;
            step(patch, "test", path + "/type").put("value", conditions.get(i).type());
            step(patch, "add", path + "/observedGeneration").put("value", generation);
        }
        unlessOvertaken(
                name,
                () -> client.resource(found)
                        .subresource("status")
                        .patch(
                                new PatchContext.Builder()
                                        .withPatchType(PatchType.JSON)
                                        .withFieldManager(FIELD_MANAGER)
                                        .build(),
                                client.getKubernetesSerialization().asJson(patch)));
    }

    /**
     * A status that writing it again does not mend: its schema does not allow it, a mistake of ours, or the object has no room for it beside
     * what its author wrote.
     */
    public static final class Unwritable extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final boolean large;

        Unwritable(KubernetesClientException refusal) {
            super(ClusterErrors.words(refusal), refusal);
            this.large = ClusterErrors.tooLarge(refusal);
        }

        /** Whether it is the room that is missing. */
        public boolean large() {
            return large;
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
            if (ClusterErrors.invalid(failure) || ClusterErrors.tooLarge(failure)) {
                throw new Unwritable(failure);
            }
            return switch (ClusterErrors.kind(failure)) {
                case Conflict, Absent -> false;
                case Refused, Transient -> throw failure;
            };
        }
    }
}
