package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.RunReport;
import io.javaoperatorsdk.operator.processing.event.ResourceID;

/** Where word of reports comes from before they are written; the wiring knows the gateway. */
@FunctionalInterface
public interface ReportFeed {
    /** Nobody tells anything. */
    ReportFeed SILENT = heard -> () -> {};

    /** Listens until what it returns is run. */
    Runnable listen(Heard heard);

    /** What is done with a report; called where nothing may block. */
    @FunctionalInterface
    interface Heard {
        void report(ResourceID execution, String uid, RunReport report);
    }
}
