package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.RunReport;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportSourceTest {
    private static final ResourceID NAME = new ResourceID("run", "team");
    private static final RunReport REPORT = Serialization.unmarshal("attempt: 1", RunReport.class);

    private final List<ReportFeed.Heard> heard = new ArrayList<>();
    private final List<ResourceID> woken = new ArrayList<>();
    private final ReportSource source = new ReportSource(listener -> {
        heard.add(listener);
        return () -> {};
    });

    @Test
    void aReportIsKeptUntilItsExecutionHasEnded() {
        start("uid");
        heard.getFirst().report(NAME, "uid", REPORT);
        assertThat(source.of(execution("uid"))).contains(REPORT);
        assertThat(woken).containsExactly(NAME);

        source.forget(execution("uid"));
        assertThat(source.of(execution("uid"))).isEmpty();
    }

    /** It was deleted while the report was on its way: that it goes will not be heard a second time. */
    @Test
    void aReportOfWhatIsGoneIsNotKept() {
        start("another");
        heard.getFirst().report(NAME, "uid", REPORT);
        assertThat(source.of(execution("uid"))).isEmpty();
        assertThat(woken).isEmpty();
    }

    private void start(String uidInTheCache) {
        source.knows((id, uid) -> id.equals(NAME) && uid.equals(uidInTheCache));
        source.setEventHandler(event -> woken.add(event.getRelatedCustomResourceID()));
        source.start();
    }

    private static PluginExecution execution(String uid) {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder().withUid(uid).build());
        return execution;
    }
}
