package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;

/** {@code CorralCluster/cluster}: made once, its status written whole. */
public final class ClusterLedger {
    public static final String NAME = "cluster";

    private final KubernetesClient client;

    public ClusterLedger(KubernetesClient client) {
        this.client = client;
    }

    /** Makes the object; that it is there already is fine. */
    public void ensure() {
        try {
            client.resource(named()).create();
        } catch (KubernetesClientException failure) {
            if (ClusterErrors.kind(failure) != ClusterErrors.Kind.Conflict) {
                throw failure;
            }
        }
    }

    public void write(CorralClusterStatus status) {
        CorralCluster body = named();
        body.setStatus(status);
        client.resource(body).subresource("status").patch(ServerSideApply.by(Applier.FIELD_MANAGER));
    }

    private static CorralCluster named() {
        CorralCluster cluster = new CorralCluster();
        cluster.setMetadata(new ObjectMetaBuilder().withName(NAME).build());
        return cluster;
    }
}
