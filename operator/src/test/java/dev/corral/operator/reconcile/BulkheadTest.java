package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Names are {@code namespace/name}. */
final class BulkheadTest {
    private final Bulkhead<PluginExecution> bulkhead = new Bulkhead<>(PluginExecution.class, 2);
    private final List<String> woken = new ArrayList<>();

    BulkheadTest() {
        bulkhead.setEventHandler(event -> {
            var id = event.getRelatedCustomResourceID();
            woken.add(id.getNamespace().orElseThrow() + "/" + id.getName());
        });
    }

    private static ResourceID id(String name) {
        var parts = name.split("/");
        return new ResourceID(parts[1], parts[0]);
    }

    private static PluginExecution execution(String name) {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace(id(name).getNamespace().orElseThrow())
                .withName(id(name).getName())
                .build());
        return execution;
    }

    private boolean enters(String name) {
        return bulkhead.enters(id(name));
    }

    private void leaves(String name) {
        bulkhead.leaves(id(name));
    }

    private void full() {
        assertThat(enters("a/1")).isTrue();
        assertThat(enters("a/2")).isTrue();
    }

    @Test
    void aNamespaceThatHasItsShareLeavesTheRestToOthers() {
        full();

        assertThat(enters("a/3")).isFalse();
        assertThat(enters("b/1")).isTrue();
        assertThat(enters("b/2")).isTrue();
        assertThat(enters("b/3")).isFalse();
    }

    @Test
    void whoWaitsIsWokenInTurn() {
        full();
        enters("a/3");
        enters("a/4");
        enters("b/1");

        leaves("b/1");
        assertThat(woken).as("another namespace's room is no room here").isEmpty();
        leaves("a/1");
        assertThat(woken).containsExactly("a/3");
        assertThat(enters("a/3")).isTrue();
        leaves("a/2");
        assertThat(woken).containsExactly("a/3", "a/4");
    }

    @Test
    void whoFindsTheRoomTakenKeepsItsPlace() {
        full();
        enters("a/3");
        enters("a/4");
        leaves("a/1");
        enters("a/new");

        assertThat(enters("a/3")).isFalse();
        leaves("a/2");

        assertThat(woken).containsExactly("a/3", "a/3");
    }

    @Test
    void whoIsNotWokenLooksAgainAllTheSame() {
        full();

        var turnedAway = bulkhead.lets(execution("a/3"), () -> UpdateControl.noUpdate());
        bulkhead.lets(execution("b/1"), () -> UpdateControl.noUpdate());

        assertThat(turnedAway.getScheduleDelay()).contains(30_000L);
        assertThat(enters("b/2")).isTrue();
        assertThat(enters("b/3")).as("b/1 has left").isTrue();
    }

    @Test
    void whoFailsLeavesToo() {
        enters("a/1");
        assertThatThrownBy(() -> bulkhead.lets(execution("a/2"), () -> {
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);

        assertThat(enters("a/3")).isTrue();
    }

    @Test
    void allObjectsWithoutANamespaceHaveOneShare() {
        assertThat(bulkhead.enters(new ResourceID("1"))).isTrue();
        assertThat(bulkhead.enters(new ResourceID("2"))).isTrue();
        assertThat(bulkhead.enters(new ResourceID("3"))).isFalse();
        assertThat(enters("a/1")).isTrue();
    }

    /** Whatever one namespace sets going, of whatever kind, there is a thread for others. */
    @Test
    void theSharesOfOneNamespaceLeaveSomething() {
        assertThat(Bulkhead.EXECUTIONS + Bulkhead.POOLS + 2 * Bulkhead.OTHERS).isLessThan(Bulkhead.THREADS);
    }

    /** The SDK does not look at one that is being deleted; a tenant's finalizer may keep it for ever. */
    @Test
    void whoIsDeletedOrMarkedForItIsWaitedForNoMore() {
        var marked = execution("a/4");
        marked.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
        var there = Map.of("a/4", marked, "a/5", execution("a/5"), "a/6", execution("a/6"));
        bulkhead.knows(id -> Optional.ofNullable(there.get(id.getNamespace().orElseThrow() + "/" + id.getName())));
        full();
        List.of("a/3", "a/4", "a/5", "a/6").forEach(this::enters);

        leaves("a/1");
        assertThat(woken).containsExactly("a/5");
        enters("a/5");
        leaves("a/2");

        assertThat(woken).containsExactly("a/5", "a/6");
    }

    @Test
    void ofManyAtOnceEachHasItsTurnAndNeverMoreThanTheShare() throws InterruptedException {
        var crowd = IntStream.range(0, 500).mapToObj(i -> id("a/" + i)).toList();
        var inside = new AtomicInteger();
        var tooMany = new AtomicInteger();
        Set<ResourceID> done = ConcurrentHashMap.newKeySet();
        var all = new CountDownLatch(crowd.size());
        try (var threads = Executors.newFixedThreadPool(8)) {
            var loop = new Object() {
                void submit(ResourceID id) {
                    threads.execute(() -> {
                        if (!bulkhead.enters(id)) {
                            return;
                        }
                        try {
                            if (inside.incrementAndGet() > 2) {
                                tooMany.incrementAndGet();
                            }
                            if (done.add(id)) {
                                all.countDown();
                            }
                            inside.decrementAndGet();
                        } finally {
                            bulkhead.leaves(id);
                        }
                    });
                }
            };
            bulkhead.setEventHandler(event -> loop.submit(event.getRelatedCustomResourceID()));
            crowd.forEach(loop::submit);
            assertThat(all.await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(tooMany).hasValue(0);
    }

    /** The SDK remembers an object that is gone until the last look at it that was planned would have been due. */
    @Test
    void noLookIsPutOffForLong() {
        assertThat(delay(UpdateControl.noUpdate())).isEqualTo(Duration.ofMinutes(15));
        assertThat(delay(UpdateControl.<PluginExecution>noUpdate().rescheduleAfter(Duration.ofDays(30))))
                .isEqualTo(Duration.ofMinutes(15));
        assertThat(delay(UpdateControl.<PluginExecution>noUpdate().rescheduleAfter(Duration.ofSeconds(3))))
                .isEqualTo(Duration.ofSeconds(3));
    }

    private Duration delay(UpdateControl<PluginExecution> wanted) {
        return Duration.ofMillis(
                bulkhead.lets(execution("a/1"), () -> wanted).getScheduleDelay().orElseThrow());
    }
}
