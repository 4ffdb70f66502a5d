package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.RunReport;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;

/**
 * Reports the gateway told of and nobody wrote yet, and who is woken by them. Kept until the run has ended, and in memory only: what is
 * lost here the gateway writes itself.
 */
final class ReportSource extends AbstractEventSource<PluginExecution, PluginExecution> {
    /** A controller that is this late is not faster than the gateway. */
    private static final int MOST = 10_000;

    private final ReportFeed feed;
    private final Map<String, RunReport> told = new ConcurrentHashMap<>();
    private BiPredicate<ResourceID, String> known = (execution, uid) -> false;
    private Runnable silence = () -> {};

    ReportSource(ReportFeed feed) {
        super(PluginExecution.class, "reports");
        this.feed = feed;
    }

    /** {@code known}: whether there is an execution of that name and uid. */
    void knows(BiPredicate<ResourceID, String> known) {
        this.known = known;
    }

    /** Of this execution; empty once its status says how it ended. */
    Optional<RunReport> of(PluginExecution execution) {
        return Optional.ofNullable(told.get(execution.getMetadata().getUid()));
    }

    /** Nobody asks for it any more. */
    void forget(PluginExecution execution) {
        told.remove(execution.getMetadata().getUid());
    }

    @Override
    public void start() {
        super.start();
        silence = feed.listen((execution, uid, report) -> {
            if (told.size() < MOST) {
                told.put(uid, report);
            }
            if (known.test(execution, uid)) {
                getEventHandler().handleEvent(new Event(execution));
            } else {
                told.remove(uid); // it was deleted before this came, so nobody would
            }
        });
    }

    @Override
    public void stop() {
        silence.run();
        super.stop();
    }

    @Override
    public Set<PluginExecution> getSecondaryResources(PluginExecution primary) {
        return Set.of();
    }
}
