package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.RunReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.util.Optional;

/**
 * All the gateway may do at the API server. Every method may throw {@link ClusterUnavailable}, which a launcher answers by asking again;
 * what will not change by asking again is a return value.
 */
public interface GatewayCluster {

    /** TokenReview: who holds this token, or nobody if it is not valid for exactly this audience. */
    Optional<Caller> authenticate(String token, String audience);

    /** SubjectAccessReview: verb get on {@code pluginexecutions/artifacts} of this execution. */
    boolean mayReadArtifacts(Caller caller, String namespace, String execution);

    Optional<Pod> pod(String namespace, String name);

    /** The plugin pod of this UID, wherever it is; needed only after a restart between session and ready. */
    Optional<Pod> pluginPod(String uid);

    /** Writes one condition of the pod exactly as it was read; false if it changed or went since. */
    boolean setCondition(Pod asRead, PodCondition condition);

    /** The execution as the API server has it now, not as a cache remembers it. */
    Optional<PluginExecution> execution(String namespace, String name);

    /** Applies {@code status.report} of the execution exactly as it was read; false if it changed or went since. */
    boolean applyReport(PluginExecution asRead, RunReport report);

    /** Creates the Event; one of the same name that is already there is as good. False if the API server will never take it. */
    boolean publish(Event event);

    /** The bytes of one key, be they kept as text or not. */
    Optional<byte[]> configMapValue(String namespace, String name, String key);

    /** The plugin that was decided on, as it stands now. */
    Optional<PluginSpec> plugin(String namespace, String kind, String name);

    /** What the controller laid ready for us in our own namespace; empty until it has. */
    Optional<ServingMaterial> servingMaterial();

    /** Tells the listener of every execution there is, then returns, then goes on telling. Called once. */
    void watch(ExecutionListener listener);

    /** Whether the watch is alive. */
    boolean watching();

    /** Told of executions, one at a time. */
    interface ExecutionListener {
        void changed(PluginExecution execution);

        void gone(String namespace, String name, String uid);
    }
}
