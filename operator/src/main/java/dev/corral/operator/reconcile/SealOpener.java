package dev.corral.operator.reconcile;

import dev.corral.operator.decide.Sealed;
import java.util.Optional;

/** Opens the report in a termination message, if its seal is that of the session; the wiring knows the key. */
@FunctionalInterface
public interface SealOpener {
    Optional<Sealed> open(String message, String podUID, String session);
}
