package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.CapabilityStatus;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import dev.corral.api.v1alpha1.EnforcementStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps {@code CorralCluster/cluster}: what pods proved last, and since when. Written when something changed, else at most every ten
 * minutes. It tells; no decision reads it.
 */
public final class ClusterLedger {
    private static final Logger log = LoggerFactory.getLogger(ClusterLedger.class);
    private static final String NAME = "cluster";
    private static final Duration QUIET = Duration.ofMinutes(10);
    private static final Set<String> PROBED = Set.of("network", "privileges", "userNamespace", "landlock");
    private final KubernetesClient client;
    private final String version;
    private final Map<String, CapabilityStatus> known = new TreeMap<>();
    private Instant written = Instant.EPOCH;

    public ClusterLedger(KubernetesClient client, String version) {
        this.client = client;
        this.version = version;
    }

    /** Takes note of what one pod proved. That it cannot be written now is logged; the next pod tries again. */
    public synchronized void saw(List<EnforcementStatus> rows, Instant now) {
        boolean changed = false;
        for (EnforcementStatus row : rows) {
            if (PROBED.contains(row.permission())) {
                changed |= note(row, now);
            }
        }
        if (!changed && now.isBefore(written.plus(QUIET))) {
            return;
        }
        try {
            write(now);
            written = now;
        } catch (KubernetesClientException failure) {
            log.atWarn().addKeyValue("answer", ClusterErrors.words(failure)).log("CorralCluster not written");
        }
    }

    private boolean note(EnforcementStatus row, Instant now) {
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        CapabilityStatus before = known.get(row.permission());
        boolean changed = before == null || before.state() != row.state();
        String evidence = row.evidence() == null ? row.reason() : row.evidence();
        String since = before == null || changed ? time : before.since();
        known.put(row.permission(), new CapabilityStatus(row.permission(), row.state(), evidence, since, time));
        return changed;
    }

    private void write(Instant now) {
        CorralCluster body = new CorralCluster();
        body.setMetadata(new ObjectMetaBuilder().withName(NAME).build());
        try {
            client.resource(body).create();
        } catch (KubernetesClientException failure) {
            if (ClusterErrors.kind(failure) != ClusterErrors.Kind.Conflict) {
                throw failure;
            }
        }
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        body.setStatus(new CorralClusterStatus(
                version,
                new ArrayList<>(known.values()),
                List.of(new Condition("Ready", "True", "Observed", "as pods of executions proved it", 1L, time))));
        client.resource(body).subresource("status").patch(ServerSideApply.by(Applier.FIELD_MANAGER));
    }
}
