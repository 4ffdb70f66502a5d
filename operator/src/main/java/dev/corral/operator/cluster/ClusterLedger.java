package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/** The CorralCluster of this installation, by which the others know of it: its status is written whole, and it goes when the chart goes. */
public final class ClusterLedger {
    /** The installation whose cluster-scoped objects have plain names; those of others end in their namespace. */
    private static final String PLAIN = "corral-system";

    private final KubernetesClient client;
    private final String namespace;

    /** {@code namespace}: where the installation is. */
    public ClusterLedger(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /** Of an object of the chart that has no namespace: what it is named for the installation in this one. */
    static String named(String object, String namespace) {
        return namespace.equals(PLAIN) ? object : object + "." + namespace;
    }

    /** The name of the object. */
    public static String name(String namespace) {
        return namespace.equals(PLAIN) ? "cluster" : namespace;
    }

    /** Makes the object, or has it owned by what is installed now: an object of the chart, so that uninstalling takes it along. The object as it is then. */
    public CorralCluster ensure() {
        CorralCluster body = named();
        body.getMetadata().setOwnerReferences(owner().map(List::of).orElse(List.of()));
        return client.resource(body)
                .fieldManager(Applier.FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    public void write(CorralClusterStatus status) {
        CorralCluster body = named();
        body.setStatus(status);
        client.resource(body).subresource("status").patch(ServerSideApply.by(Applier.FIELD_MANAGER));
    }

    private Optional<OwnerReference> owner() {
        String role = named("corral-controller", namespace);
        ClusterRole found = client.rbac().clusterRoles().withName(role).get();
        return Optional.ofNullable(found)
                .map(owner -> new OwnerReferenceBuilder()
                        .withApiVersion(owner.getApiVersion())
                        .withKind(owner.getKind())
                        .withName(role)
                        .withUid(owner.getMetadata().getUid())
                        .build());
    }

    private CorralCluster named() {
        CorralCluster cluster = new CorralCluster();
        cluster.setMetadata(new ObjectMetaBuilder().withName(name(namespace)).build());
        return cluster;
    }
}
