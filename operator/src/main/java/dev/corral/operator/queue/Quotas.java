package dev.corral.operator.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The quotas that refused a pod, by namespace, and whom they refused. */
final class Quotas {
    private record Refusal(String words, int round) {}

    private final Map<String, Quota> full = new HashMap<>();
    private final Map<String, Refusal> refusals = new HashMap<>();

    boolean isEmpty() {
        return full.isEmpty();
    }

    Set<String> namespaces() {
        return Set.copyOf(full.keySet());
    }

    /** Whether one bears on it, open or shut. */
    boolean concerns(Ticket ticket) {
        return ticket.needsPod() && full.containsKey(ticket.namespace());
    }

    /** Whether one keeps it from starting. */
    boolean shut(Ticket ticket) {
        Quota quota = full.get(ticket.namespace());
        return ticket.needsPod() && quota != null && !(quota.open() && !(quota.other() && refused(ticket, quota)));
    }

    /** Whether it is shut only because others are to ask before it does again. */
    boolean yields(Ticket ticket) {
        Quota quota = full.get(ticket.namespace());
        return quota != null
                && quota.open()
                && quota.other()
                && refused(ticket, quota)
                && !quota.asker().equals(ticket.uid());
    }

    private boolean refused(Ticket ticket, Quota quota) {
        Refusal refusal = refusals.get(ticket.uid());
        return quota.asker().equals(ticket.uid()) || refusal != null && refusal.round() == quota.round();
    }

    /** Nobody took its turn of those that had not been refused; whether the others may now. */
    boolean nextRound(String namespace) {
        Quota quota = full.get(namespace);
        if (quota == null || !quota.open()) {
            return false;
        }
        full.put(namespace, quota.nextRound());
        return true;
    }

    /** Where it stands in front of one that is shut, in the words it was refused with itself, where it was. */
    Place place(Ticket ticket, int position, Instant now) {
        Quota quota = Objects.requireNonNull(full.get(ticket.namespace()));
        String words = Optional.ofNullable(refusals.get(ticket.uid()))
                .map(Refusal::words)
                .orElse(quota.words());
        return new Place.WaitsForQuota(position, words, Duration.between(now, quota.next()));
    }

    void refused(Ticket ticket, String words, Instant now) {
        String uid = ticket.uid();
        Quota quota = full.get(ticket.namespace());
        Quota next = quota == null ? Quota.of(uid, words, now) : quota.refused(uid, words, now);
        full.put(ticket.namespace(), next);
        refusals.put(uid, new Refusal(words, next.round()));
    }

    void taken(Ticket ticket, Instant now) {
        full.computeIfPresent(ticket.namespace(), (same, quota) -> quota.taken(ticket.uid(), now));
    }

    void tick(String namespace, Instant now) {
        full.computeIfPresent(namespace, (same, quota) -> quota.at(now));
    }

    void podEnded(String namespace) {
        full.computeIfPresent(namespace, (same, quota) -> quota.opened());
    }

    /** It no longer waits for room: its pod is there, or it went away. */
    void without(Ticket ticket) {
        full.computeIfPresent(ticket.namespace(), (same, quota) -> quota.without(ticket.uid()));
    }

    /** It has room for all that wait. */
    void hasRoom(String namespace) {
        full.remove(namespace);
    }

    void forget(String uid) {
        refusals.remove(uid);
    }

    /** Whom they refused is told again; that they did stays. */
    void clear() {
        refusals.clear();
    }
}
