package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.corral.operator.policy.AlwaysExcepted;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of 64 names that are looked up at once three are of one run and 16 of one namespace; 64 more wait. */
class DialerTest {
    private static final InetAddress ADDRESS = InetAddress.ofLiteral("192.0.2.1");

    private final Vertx vertx = Vertx.vertx();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    /** What names that begin with "slow" wait for. */
    private final CountDownLatch answer = new CountDownLatch(1);

    private final List<Dialer> dialers = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        answer.countDown();
        dialers.forEach(Dialer::close);
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void threeNamesOfARunAreLookedUpAtATimeAndTheOthersWaitForTheirTurn() throws Exception {
        var patient = dialer(Duration.ofSeconds(20));
        var run = new Run(patient);
        var lookups = new ArrayList<Lookup>();
        for (var i = 0; i < 10; i++) {
            lookups.add(run.later("slow-" + i));
        }
        await("the others wait").until(() -> run.turns.ofRun().getQueueLength() == 7);
        await("three are looked up").until(() -> asked.size() == 3);
        assertThat(new Run(patient).later("fast").address()).isEqualTo(ADDRESS);
        assertThat(asked).hasSize(4).contains("fast");

        answer.countDown();
        for (var lookup : lookups) {
            assertThat(lookup.address()).isEqualTo(ADDRESS);
        }
    }

    @Test
    void aLookupThatIsGivenUpIsARunsUntilTheResolverIsDone() {
        var run = new Run(dialer(Duration.ofMillis(100)));
        for (var name : List.of("slow-1", "slow-2", "slow-3")) {
            assertThatThrownBy(() -> run.resolve(name, new CompletableFuture<>()))
                    .hasMessageContaining("not resolved");
        }
        assertThatThrownBy(() -> run.resolve("fast", new CompletableFuture<>())).hasMessage("crowded");
        answer.countDown();
        await("all are done").until(() -> run.turns.ofRun().availablePermits() == Dialer.PER_RUN);
        assertThat(run.resolve("fast", new CompletableFuture<>())).contains(ADDRESS);
    }

    @Test
    void theRunsOfANamespaceLeaveResolversToOthers() throws Exception {
        var patient = dialer(Duration.ofSeconds(20));
        var lookups = new ArrayList<Lookup>();
        for (var i = 0; i < 40; i++) {
            lookups.add(new Run(patient, "greedy").later("slow"));
        }
        await("the others wait").until(() -> runs.getFirst().turns.ofNamespace().getQueueLength() == 24);
        await("some are looked up").until(() -> asked.size() == Dialer.PER_NAMESPACE);
        assertThat(new Run(patient).later("fast").address()).isEqualTo(ADDRESS);

        answer.countDown();
        for (var lookup : lookups) {
            assertThat(lookup.address()).isEqualTo(ADDRESS);
        }
    }

    /** What it waits for its turn is not taken from what a name server has to answer. */
    @Test
    void aLookupThatHadToWaitHasAllOfItsTime() throws Exception {
        var run = new Run(dialer(Duration.ofSeconds(6)));
        for (var i = 0; i < Dialer.PER_RUN; i++) {
            run.later("slow");
        }
        await("they are looked up").until(() -> asked.size() == Dialer.PER_RUN);
        var next = run.later("slower");
        Thread.sleep(3500);
        answer.countDown();
        assertThat(next.address()).isEqualTo(ADDRESS);
    }

    @Test
    void aLookupWhoseTunnelIsOverMakesRoomAndNeverBegins() throws Exception {
        var patient = dialer(Duration.ofSeconds(20));
        occupy(patient, "slow");
        await("all resolvers wait").until(() -> asked.size() == 64);
        var waiting = occupy(patient, "late");
        await("all are in the queue").until(() -> waiting.stream().allMatch(Lookup::waits));
        assertThatThrownBy(() -> new Run(patient).resolve("more", new CompletableFuture<>()))
                .hasMessageContaining("too many names are being resolved");

        waiting.forEach(lookup -> lookup.found.cancel(false));

        for (var lookup : waiting) {
            assertThatThrownBy(lookup::address).hasMessageContaining("no attempt belongs to this session");
        }
        var next = new Run(patient).later("fast");
        answer.countDown();
        assertThat(next.address()).isEqualTo(ADDRESS);
        assertThat(asked).hasSize(65).doesNotContain("late", "more");
        await("all turns are over")
                .until(() -> runs.stream().allMatch(run -> run.turns.ofRun().availablePermits() == Dialer.PER_RUN));
    }

    /** Of 64 runs. */
    private List<Lookup> occupy(Dialer dialer, String name) {
        return Stream.generate(() -> new Run(dialer).later(name)).limit(64).toList();
    }

    private Dialer dialer(Duration patience) {
        var dialer = new Dialer(
                vertx,
                new Egress(
                        name -> {
                            asked.add(name);
                            if (name.startsWith("slow")) {
                                sleep();
                            }
                            if (name.equals("slower")) {
                                LockSupport.parkNanos(Duration.ofMillis(3500).toNanos());
                            }
                            return List.of(ADDRESS);
                        },
                        new PublicAddresses(new AlwaysExcepted(List.of()), List.of()),
                        32,
                        1024,
                        100,
                        1,
                        patience,
                        Duration.ofSeconds(1)));
        dialers.add(dialer);
        return dialer;
    }

    /** As the system's resolver: interrupting it changes nothing. */
    private void sleep() {
        for (var asleep = true; asleep; ) {
            try {
                answer.await();
                asleep = false;
            } catch (InterruptedException ignored) {
                // go on
            }
        }
    }

    private final class Run {
        private final Dialer.Turns turns;
        private final Dialer dialer;

        /** In a namespace of its own. */
        private Run(Dialer dialer) {
            this(dialer, "team-" + runs.size());
        }

        private Run(Dialer dialer, String namespace) {
            this.dialer = dialer;
            this.turns = dialer.turns(namespace);
            runs.add(this);
        }

        private Optional<InetAddress> resolve(String name, CompletableFuture<List<InetAddress>> found) {
            return dialer.resolve(name, turns, found, () -> new Refusal(429, "TooManyLookups", "crowded"));
        }

        private Lookup later(String name) {
            var found = new CompletableFuture<List<InetAddress>>();
            var result = new CompletableFuture<Optional<InetAddress>>();
            var thread = Thread.startVirtualThread(() -> {
                try {
                    result.complete(resolve(name, found));
                } catch (RuntimeException refused) {
                    result.completeExceptionally(refused);
                }
            });
            return new Lookup(thread, found, result);
        }
    }

    private record Lookup(
            Thread thread,
            CompletableFuture<List<InetAddress>> found,
            CompletableFuture<Optional<InetAddress>> result) {
        private InetAddress address() throws Exception {
            return result.get(20, TimeUnit.SECONDS).orElseThrow();
        }

        private boolean waits() {
            return thread.getState() == Thread.State.TIMED_WAITING;
        }
    }
}
