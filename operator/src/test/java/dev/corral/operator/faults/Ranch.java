package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Everything that runs: an API server with the chart, a node, and one controller and one gateway that may die and come back. */
final class Ranch implements AutoCloseable {
    final Installed cluster = new Installed();
    final History history = new History(cluster.admin());
    final SimulatedNode node;
    private final Path store;
    private final GatewayProcess.Ports ports = GatewayProcess.Ports.free();
    private ControllerProcess controller;
    private GatewayProcess gateway;

    Ranch(Path store) {
        this.store = store;
        node = new SimulatedNode(cluster, ports.launchers());
        controller = anotherController();
        gateway = startGateway();
    }

    /** A run, by what its creation answered. */
    record Run(String namespace, String name, String uid) {}

    Run start(String namespace) {
        return start(namespace, "execution.yaml");
    }

    Run start(String namespace, String file) {
        var created = cluster.execute(namespace, file).getMetadata();
        return new Run(namespace, created.getName(), created.getUid());
    }

    /** With less patience for pods that do not start. */
    void restartController(Duration pending) {
        restartController(cluster.proxy(Installed.CONTROLLER), pending);
    }

    /** And by that way to the API server. */
    void restartController(FaultProxy proxy, Duration pending) {
        controller.close();
        controller = ControllerProcess.start(proxy, ports, pending);
    }

    /** Beside the one that runs. */
    ControllerProcess anotherController() {
        return anotherController(cluster.proxy(Installed.CONTROLLER));
    }

    /** The same, by a way of its own to the API server. */
    ControllerProcess anotherController(FaultProxy proxy) {
        return ControllerProcess.start(proxy, ports);
    }

    /** One that leads once it has the lease. */
    ControllerProcess candidate(String name) {
        return ControllerProcess.candidate(cluster.proxy(Installed.CONTROLLER), ports, name);
    }

    ControllerProcess controller() {
        return controller;
    }

    GatewayProcess gateway() {
        return gateway;
    }

    /** The controller dies, if it has not yet, and another one starts. */
    void restartController() {
        controller.close();
        controller = anotherController();
    }

    void restartGateway() {
        gateway.close();
        gateway = startGateway();
    }

    /** One claim, one start, one end, and everything the run gave is there. */
    void endsWell(Run run) {
        soon("the end of " + run).until(() -> history.ended(run.uid()));
        var end = history.latest(run.uid()).orElseThrow();
        assertThat(History.outcome(end)).as(String.valueOf(end.getStatus())).contains("True HandlerReturned");
        assertThat(node.starts(run.uid())).as("starts of plugin code").isEqualTo(1);
        history.isStraight(run.uid());
        assertThat(String.valueOf(end.getStatus().result())).isEqualTo("{\"broken\":0}");
        artifactArrived(end);
        soon("the plugin's event").until(() -> event(run, "corral-" + run.uid() + "-1-1"));
        soon("the news of the start").until(() -> event(run, "corral-" + run.uid() + "-started"));
        soon("the news of the end").until(() -> event(run, "corral-" + run.uid() + "-handlerreturned"));
        assertThat(pods(run))
                .extracting(pod -> pod.getMetadata().getName())
                .containsExactly(end.getStatus().attempt().pod());
    }

    /** The pods of the run that stand. */
    List<Pod> pods(Run run) {
        return cluster.admin().pods().inNamespace(run.namespace()).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getUid().equals(run.uid())))
                .toList();
    }

    /** The execution ended before anything ran, and nothing of it is left. */
    void endsUnrun(Run run, String outcome) {
        soon("the end of " + run).until(() -> history.ended(run.uid()));
        assertThat(history.latest(run.uid()).flatMap(History::outcome)).contains(outcome);
        history.isStraight(run.uid());
        assertThat(node.starts(run.uid())).isZero();
        soon("no pod").until(() -> pods(run).isEmpty());
    }

    void delete(Run run) {
        cluster.admin()
                .resources(PluginExecution.class)
                .inNamespace(run.namespace())
                .withName(run.name())
                .delete();
    }

    /** No pod of it, now or later; its artifacts are the store's to sweep. */
    void isGone(Run run) {
        soon("no pod of " + run).until(() -> pods(run).isEmpty());
    }

    private boolean event(Run run, String name) {
        return cluster.admin()
                        .events()
                        .v1()
                        .events()
                        .inNamespace(run.namespace())
                        .withName(name)
                        .get()
                != null;
    }

    private void artifactArrived(PluginExecution end) {
        assertThat(end.getStatus().artifacts()).singleElement().satisfies(artifact -> {
            assertThat(artifact.state()).isEqualTo("Ready");
            var digest = String.valueOf(artifact.sha256());
            assertThat(store.resolve("blobs/sha256")
                            .resolve(digest.substring(0, 2))
                            .resolve(digest))
                    .hasContent(SimulatedLauncher.ARTIFACT);
            assertThat(store.resolve("runs/" + end.getMetadata().getUid() + "/1/report.json"))
                    .content()
                    .contains(digest);
        });
    }

    private GatewayProcess startGateway() {
        return GatewayProcess.start(cluster.proxy(Installed.GATEWAY), ports, store);
    }

    @Override
    public void close() {
        controller.close();
        gateway.close();
        node.close();
        history.close();
        cluster.close();
    }
}
