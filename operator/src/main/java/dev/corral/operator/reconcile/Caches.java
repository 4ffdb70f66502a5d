package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The caches, by what they hold. */
record Caches(
        Cache<Pod> pods,
        Cache<ServiceAccount> accounts,
        Cache<Namespace> namespaces,
        Cache<Plugin> plugins,
        Cache<ClusterPlugin> clusterPlugins,
        Cache<ClusterPluginPolicy> clusterPolicies,
        Cache<PluginPolicy> policies,
        Cache<CorralCluster> clusters,
        MountFailures mountFailures,
        Executions executions,
        Claimants claimants) {

    /** The executions: by name, and all of a namespace. */
    interface Executions {
        Optional<PluginExecution> get(ResourceID id);

        Stream<PluginExecution> all(String namespace);

        /** Whether there is one of that name and uid. */
        default boolean has(ResourceID id, String uid) {
            return get(id).filter(found -> uid.equals(found.getMetadata().getUid()))
                    .isPresent();
        }

        /** The same, and it is not being deleted: then it is looked at no more, though a finalizer may keep it for long. */
        default boolean stays(ResourceID id, String uid) {
            return get(id).filter(found -> uid.equals(found.getMetadata().getUid()))
                    .filter(found -> found.getMetadata().getDeletionTimestamp() == null)
                    .isPresent();
        }
    }

    /** The executions whose status names a pod. */
    interface Claimants {
        List<PluginExecution> of(String podUID);
    }

    /** One cache: by name, and all of a namespace. */
    interface Cache<T extends HasMetadata> {
        Optional<T> get(ResourceID id);

        Collection<T> all();

        /** Of pods: those of pools that said what they proved, by namespace. */
        List<T> waiting(String namespace);

        /** Of pods: those a pool made, by namespace and name of it, with a slash between. */
        List<T> ofPool(String pool);

        /** Of pods: those of the execution of that uid. */
        List<T> ofExecution(String uid);
    }
}
