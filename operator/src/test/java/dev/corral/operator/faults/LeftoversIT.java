package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.stream.IntStream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller runs for months: what is gone must leave nothing in its memory. */
class LeftoversIT {
    private static final int RUNS = 60;
    /** One for each look that was to come; the JDK's timer drops one that was called off when its time has come. */
    private static final String ALARM =
            "io.javaoperatorsdk.operator.processing.event.source.timer.TimerEventSource$EventProducerTimeTask";

    @TempDir
    static Path store;

    /** Who lives while its namespace changes has to be looked at. The SDK would remember that it had, until the namespace goes. */
    @Test
    void executionsThatAreGoneAreForgotten() throws JMException {
        try (var ranch = new Ranch(store)) {
            var namespace = ranch.cluster.newNamespace();
            var before = remembered();
            var runs = IntStream.range(0, RUNS)
                    .mapToObj(i -> ranch.start(namespace, "suspended.yaml"))
                    .toList();
            soon("a status of each")
                    .until(() -> runs.stream()
                            .allMatch(run -> ranch.history
                                    .latest(run.uid())
                                    .filter(seen -> seen.getStatus() != null)
                                    .isPresent()));
            ranch.cluster.admin().namespaces().withName(namespace).edit(LeftoversIT::changed);
            assertThat(remembered() - before).as("with all alive").isGreaterThanOrEqualTo(RUNS);

            runs.forEach(ranch::delete);

            soon("all forgotten").until(() -> remembered() - before < RUNS / 2);
        }
    }

    private static Namespace changed(Namespace namespace) {
        return new NamespaceBuilder(namespace)
                .editMetadata()
                .addToAnnotations("example.org/changed", "true")
                .endMetadata()
                .build();
    }

    /** Names by which the loops of this JVM know objects, as are in its heap after a full collection. */
    private static long remembered() throws JMException {
        var histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        return instances(histogram, ResourceID.class.getName()) - instances(histogram, ALARM);
    }

    /** Of a table whose second column is a count, and whose fourth a name. */
    private static long instances(String histogram, String type) {
        return histogram
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(columns -> columns.length > 3 && columns[3].equals(type))
                .mapToLong(columns -> Long.parseLong(columns[1]))
                .sum();
    }
}
