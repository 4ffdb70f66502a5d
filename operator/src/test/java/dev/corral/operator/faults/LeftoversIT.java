package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginPool;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.lang.management.ManagementFactory;
import java.util.stream.IntStream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** A controller runs for months: what is gone must leave nothing in its memory. */
class LeftoversIT extends OnRanch {
    private static final int MANY = 60;
    /** One for each look that was to come; the JDK's timer drops one that was called off when its time has come. */
    private static final String ALARM =
            "io.javaoperatorsdk.operator.processing.event.source.timer.TimerEventSource$EventProducerTimeTask";

    private static final String KEPT_OF_POOL = "dev.corral.operator.reconcile.PluginPoolReconciler$Kept";

    /** Who lives while its namespace changes has to be looked at. The SDK would remember that it had, until the namespace goes. */
    @Test
    void executionsThatAreGoneAreForgotten() throws JMException {
        var namespace = ranch.cluster.newNamespace();
        var before = remembered();
        var runs = IntStream.range(0, MANY)
                .mapToObj(i -> ranch.start(namespace, "suspended.yaml"))
                .toList();
        soon("a status of each")
                .until(() -> runs.stream()
                        .allMatch(run -> ranch.history
                                .latest(run.uid())
                                .filter(seen -> seen.getStatus() != null)
                                .isPresent()));
        ranch.cluster.admin().namespaces().withName(namespace).edit(LeftoversIT::changed);
        assertThat(remembered() - before).as("with all alive").isGreaterThanOrEqualTo(MANY);
        assertThat(ranch.controller().stored()).isEqualTo(MANY);

        runs.forEach(ranch::delete);

        soon("all forgotten").until(() -> remembered() - before < MANY / 2);
        assertThat(ranch.controller().stored()).isZero();
    }

    /** Among it are pods that were made lately. */
    @Test
    void poolsThatAreGoneAreForgotten() {
        var pools = ranch.cluster.admin().resources(PluginPool.class).inNamespace(ranch.cluster.newNamespace());
        for (int i = 0; i < MANY; i++) {
            var pool = Installed.read("pool.yaml", PluginPool.class);
            pool.getMetadata().setName("pool-" + i);
            pools.resource(pool).create();
        }
        soon("each is kept").until(() -> instances(heap(), KEPT_OF_POOL) == MANY);

        pools.delete();

        soon("all forgotten").until(() -> instances(heap(), KEPT_OF_POOL) == 0);
    }

    private static Namespace changed(Namespace namespace) {
        return new NamespaceBuilder(namespace)
                .editMetadata()
                .addToAnnotations("example.org/changed", "true")
                .endMetadata()
                .build();
    }

    /** Names by which the loops of this JVM know objects. */
    private static long remembered() throws JMException {
        var heap = heap();
        return instances(heap, ResourceID.class.getName()) - instances(heap, ALARM);
    }

    /** What is in it after a full collection. */
    private static String heap() throws JMException {
        return (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
    }

    /** Of a table whose second column is a count, and whose fourth a name. */
    private static long instances(String heap, String type) {
        return heap.lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length > 3 && columns[3].equals(type))
                .mapToLong(columns -> Long.parseLong(columns[1]))
                .sum();
    }
}
