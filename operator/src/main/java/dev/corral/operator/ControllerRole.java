package dev.corral.operator;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.Clients;
import dev.corral.operator.cluster.ClusterLedger;
import dev.corral.operator.cluster.Election;
import dev.corral.operator.cluster.EventPublisher;
import dev.corral.operator.cluster.FirstList;
import dev.corral.operator.cluster.ForeignPolicies;
import dev.corral.operator.cluster.InstallationSource;
import dev.corral.operator.cluster.SlimStore;
import dev.corral.operator.cluster.TrustKeeper;
import dev.corral.operator.decide.Clocks;
import dev.corral.operator.decide.ClusterProbe;
import dev.corral.operator.decide.Decider;
import dev.corral.operator.decide.PoolDecider;
import dev.corral.operator.gateway.ConnectionLimit;
import dev.corral.operator.gateway.ReportListener;
import dev.corral.operator.gateway.SealedReport;
import dev.corral.operator.gateway.SessionKeys;
import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.reconcile.ClusterProbing;
import dev.corral.operator.reconcile.Effects;
import dev.corral.operator.reconcile.Linting;
import dev.corral.operator.reconcile.Neighbours;
import dev.corral.operator.reconcile.PluginExecutionReconciler;
import dev.corral.operator.reconcile.ReportFeed;
import dev.corral.operator.spec.Slim;
import dev.corral.operator.tls.CertificateAuthority;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ConfigurationServiceOverrider;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller: leader-elected; talks to the API server, and listens to the gateway. */
public final class ControllerRole {
    private static final Logger log = LoggerFactory.getLogger(ControllerRole.class);
    private static final Duration REFRESH = Duration.ofMinutes(1);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private ControllerRole() {}

    static Operator start(OperatorConfig config, InstantSource clock) throws InterruptedException {
        KubernetesClient client = Clients.inCluster();
        InstallationSource source = new InstallationSource(
                client,
                new TrustKeeper(
                        client, config.namespace(), new CertificateAuthority(config.namespace(), new SecureRandom())),
                config.namespace(),
                config.requireLauncherImage(),
                // what works everywhere, until probes have shown more
                config.launcherDelivery().orElse(LauncherDelivery.InitCopy),
                OperatorConfig.VERSION);
        refreshUntilKnown(source, clock);
        ClusterLedger ledger = new ClusterLedger(client, config.namespace());
        keepFresh(source, ledger, clock);
        CorralCluster stored = ledger.ensure();
        source.deliver(config.launcherDelivery().orElseGet(() -> ClusterProbe.before(stored)));
        PrometheusMeterRegistry meters = Health.registry();
        Vertx vertx = ConnectionLimit.limited(
                new VertxOptions(),
                clock,
                ConnectionLimit.room(Runtime.getRuntime().maxMemory()));
        Operator operator = loop(
                client,
                config,
                source,
                reports(vertx, source),
                meters,
                clock,
                overrider -> overrider.withReconciliationTerminationTimeout(GRACE));
        // what a loop still does must not be done beside the next leader
        Election election = new Election(
                client,
                config.namespace(),
                config.podName(),
                Election.Pace.STANDARD,
                () -> Runtime.getRuntime().halt(1));
        new Health(
                        vertx,
                        meters,
                        () -> election.stands()
                                && (!operator.getRuntimeInfo().isStarted()
                                        || operator.getRuntimeInfo().allEventSourcesAreHealthy()),
                        () -> !election.leads() || operator.getRuntimeInfo().isStarted())
                .listen(config.healthPort());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                operator.stop();
            } finally {
                election.close();
            }
        }));
        election.await();
        // the guards come last of what Helm makes, and there may be others by now
        freshen(source, ledger, clock);
        operator.start();
        return operator;
    }

    /** The loop, wired but not started; {@code process} says what is the process's own: how it dies. */
    public static Operator loop(
            KubernetesClient client,
            OperatorConfig config,
            InstallationSource source,
            ReportFeed feed,
            PrometheusMeterRegistry meters,
            InstantSource clock,
            Consumer<ConfigurationServiceOverrider> process) {
        Operator operator = new Operator(overrider -> {
            overrider
                    .withKubernetesClient(Clients.forCaches(client))
                    .withCloseClientOnStop(false)
                    .withCacheSyncTimeout(FirstList.STANDARD.deadline())
                    .withConcurrentReconciliationThreads(PluginExecutionReconciler.THREADS)
                    .withResourceCloner(new AsItIs());
            process.accept(overrider);
        });
        // no loop ever gives up on an object, whatever the API server answers: from 200 ms to 30 s, without end
        // (JOSDK's own default is five tries)
        PluginExecutionReconciler executions = reconciler(client, config, source, feed, meters, clock);
        operator.register(
                executions,
                controller -> slim(controller.withRetry(endless()).withOnAddFilter(executions.firstSight()), Slim::of));
        operator.register(
                executions.pools(new PoolDecider(excepted(config))),
                controller -> slim(controller.withRetry(endless()), Slim::of));
        operator.register(
                new ClusterProbing(
                        new Effects(new Applier(client)),
                        new ClusterLedger(client, config.namespace()),
                        source::installation,
                        config.launcherDelivery(),
                        source::deliver,
                        config.pullSecrets(),
                        new Neighbours(config.namespace(), config.namespaces(), executions.sharedNamespaces()),
                        clock),
                controller -> controller.withRetry(endless()));
        Linting linting = new Linting(new Applier(client), clock, executions.serves());
        operator.register(linting.plugins(), controller -> slim(controller.withRetry(endless()), Slim::of));
        operator.register(linting.policies(), controller -> slim(controller.withRetry(endless()), Slim::of));
        linting.others().forEach(linter -> operator.register(linter, controller -> controller.withRetry(endless())));
        return operator;
    }

    /**
     * A loop looks at what the cache holds. The SDK would make a copy for each look, by way of JSON, for loops that change what they are
     * given; ours never do: specs and statuses are records, and what is written is made anew.
     */
    private static final class AsItIs implements Cloner {
        @Override
        public <T extends HasMetadata> T clone(T object) {
            return object;
        }
    }

    private static <R extends HasMetadata> void slim(
            ControllerConfigurationOverrider<R> controller, UnaryOperator<R> keeps) {
        controller.withItemStore(new SlimStore<>(keeps)).withInformerListLimit(SlimStore.PAGE);
    }

    private static GenericRetry endless() {
        return new GenericRetry()
                .setInitialInterval(200)
                .setIntervalMultiplier(2)
                .setMaxInterval(30_000)
                .setMaxAttempts(Integer.MAX_VALUE);
    }

    private static PluginExecutionReconciler reconciler(
            KubernetesClient client,
            OperatorConfig config,
            InstallationSource source,
            ReportFeed feed,
            PrometheusMeterRegistry meters,
            InstantSource clock) {
        return new PluginExecutionReconciler(
                Decider.standard(excepted(config), Clocks.standard().withPending(config.pendingTimeout())),
                new Applier(client),
                new EventPublisher(
                        client,
                        config.podName(),
                        Executors.newSingleThreadExecutor(
                                Thread.ofPlatform().daemon().name("late-events").factory())),
                new ForeignPolicies(Clients.forCaches(client)),
                meters,
                source::installation,
                (message, podUID, session) -> SealedReport.open(
                        message, session, new SessionKeys(source.sessionMaster()).key(podUID, session)),
                feed,
                config.namespaces(),
                clock);
    }

    private static ReportFeed reports(Vertx vertx, InstallationSource source) {
        return reports(vertx, () -> {
            Installation known = source.installation();
            return new ReportListener.Gateway(
                    known.gatewayAddress(), Installation.READER_PORT, known.trustBundle(), source.sessionMaster());
        });
    }

    /** Reports as this gateway tells them. */
    public static ReportFeed reports(Vertx vertx, Supplier<ReportListener.Gateway> gateway) {
        return heard -> ReportListener.start(
                vertx,
                gateway,
                told -> heard.report(new ResourceID(told.name(), told.namespace()), told.uid(), told.report()))::close;
    }

    private static AlwaysExcepted excepted(OperatorConfig config) {
        List<CidrBlock> ranges = config.clusterRanges().stream()
                .map(range -> CidrBlock.parse(range, "CORRAL_CLUSTER_RANGES").orElseThrow())
                .toList();
        AlwaysExcepted excepted = AlwaysExcepted.with(ranges);
        return config.egress() ? excepted : excepted.andHosts();
    }

    /** The chart's objects appear in any order: wait for the gateway's service. */
    private static void refreshUntilKnown(InstallationSource source, InstantSource clock) throws InterruptedException {
        while (true) {
            try {
                source.refresh(clock.instant());
                return;
            } catch (KubernetesClientException | IllegalStateException notYet) {
                log.atWarn().addKeyValue("why", notYet.getMessage()).log("installation not known yet");
                TimeUnit.SECONDS.sleep(2);
            }
        }
    }

    private static void keepFresh(InstallationSource source, ClusterLedger ledger, InstantSource clock) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory());
        timer.scheduleWithFixedDelay(
                () -> freshen(source, ledger, clock), REFRESH.toSeconds(), REFRESH.toSeconds(), TimeUnit.SECONDS);
    }

    /** What is due is renewed, and what somebody deleted is made again: without its CorralCluster, an installation is none to the others. */
    static void freshen(InstallationSource source, ClusterLedger ledger, InstantSource clock) {
        attempt("certificates", () -> source.refresh(clock.instant()));
        attempt("CorralCluster", ledger::ensure);
    }

    private static void attempt(String what, Runnable look) {
        try {
            look.run();
        } catch (RuntimeException failed) { // of any kind: one that gets through ends the timer for good
            log.atWarn()
                    .addKeyValue("what", what)
                    .addKeyValue("why", failed.getMessage())
                    .setCause(failed)
                    .log("not looked at; trying again");
        }
    }
}
