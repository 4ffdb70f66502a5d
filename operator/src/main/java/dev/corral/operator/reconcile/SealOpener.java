package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.RunReport;
import java.util.Optional;

/** Opens the report in a termination message, if its seal is that of the session and about this execution; the wiring knows the key. */
@FunctionalInterface
public interface SealOpener {
    Optional<RunReport> open(String message, String podUID, String session, String executionUID);
}
