package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;

/** What an informer remembers of executions: of large ones only {@link Slim} copies. */
public final class SlimStore extends BasicItemStore<PluginExecution> {
    /** Executions to list at a time: until it is slim each takes up to 1.5 MiB of JSON, which is the API server's bound, and the tree made of it. */
    public static final long PAGE = 25;

    public SlimStore() {
        super(Cache::metaNamespaceKeyFunc);
    }

    @Override
    public PluginExecution put(String key, PluginExecution execution) {
        return super.put(key, Slim.of(execution));
    }
}
