package dev.corral.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Hears of each object of a loop that is deleted, which is not looked at any more: the moment to forget it. Of one whose name another had
 * before it was heard, it is the other that tells.
 */
final class Deletions<P extends HasMetadata> extends AbstractEventSource<P, P> implements ResourceEventAware<P> {
    private final Consumer<P> heard;

    Deletions(Class<P> type, Consumer<P> heard) {
        super(type, "deletions");
        this.heard = heard;
    }

    @Override
    public void onResourceDeleted(P object) {
        heard.accept(object);
    }

    @Override
    public void onResourceUpdated(P now, P before) {
        if (!before.getMetadata().getUid().equals(now.getMetadata().getUid())) {
            heard.accept(before);
        }
    }

    @Override
    public Set<P> getSecondaryResources(P primary) {
        return Set.of();
    }
}
