package dev.corral.operator.chart;

import static dev.corral.operator.chart.Caller.APPLY;
import static dev.corral.operator.chart.HardenedPod.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import dev.corral.operator.chart.Caller.Answer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** The chart as Helm installs it on a control plane, with a namespace {@code team-a} and everybody who acts in it. */
record InstalledChart(
        ControlPlane cluster, Caller admin, Caller tenant, Caller controller, Caller gateway, Caller kubelet)
        implements AutoCloseable {
    static final String PODS = "/api/v1/namespaces/team-a/pods";
    static final String POLICIES = "/apis/networking.k8s.io/v1/namespaces/team-a/networkpolicies";
    static final String EXECUTIONS = "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginexecutions";

    static InstalledChart on(ControlPlane cluster, Map<String, Object> values) {
        var chart = new InstalledChart(
                cluster,
                new Caller(cluster.admin()),
                new Caller(cluster.as("tenant", "system:authenticated")),
                account(cluster, "corral-controller"),
                account(cluster, "corral-gateway"),
                new Caller(cluster.as("system:node:node-1", "system:nodes", "system:authenticated")));
        var command = new Helm(Chart.folder())
                .install()
                .withName("corral")
                .withNamespace(Chart.NAMESPACE)
                .createNamespace()
                .withKubeConfigContents(cluster.kubeconfig());
        var all = new TreeMap<>(Chart.IMAGES);
        all.putAll(values);
        all.forEach(command::set);
        try {
            command.call();
        } catch (IllegalStateException early) {
            // no --wait here, for want of nodes: the fallback policy may come before the API server serves its kind
            assertThat(early).hasMessageContaining("no matches for kind");
            chart.upgrade(values);
        }
        chart.makeNodesRole();
        chart.makeNamespace("team-a");
        chart.awaitGuards();
        return chart;
    }

    void upgrade(Map<String, Object> values) {
        var command = Helm.upgrade(Chart.folder().toString())
                .withName("corral")
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfigContents(cluster.kubeconfig());
        var all = new TreeMap<>(Chart.IMAGES);
        all.putAll(values);
        all.forEach(command::set);
        command.call();
    }

    /** The API server compiles guards a moment after they are written. */
    private void awaitGuards() {
        await("guards in force").atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            var pod = parse("{metadata: {name: x}, spec: {containers: [{name: x, image: x}]}}");
            refuse(controller.create(PODS + "?dryRun=All", pod), "");
            refuse(tenant.create(POLICIES + "?dryRun=All", policy("x", "corral", "{}", "")), "label");
            refuse(tenant.send("POST", PODS + "/pex-x/exec?command=id", "application/json", ""), "");
        });
    }

    private static Caller account(ControlPlane cluster, String name) {
        return account(cluster, Chart.NAMESPACE, name);
    }

    /** A service account of that namespace, there or not. */
    static Caller account(ControlPlane cluster, String namespace, String name) {
        return new Caller(cluster.as(
                "system:serviceaccount:" + namespace + ":" + name,
                "system:serviceaccounts",
                "system:serviceaccounts:" + namespace,
                "system:authenticated"));
    }

    /** Installs the chart once more, into another namespace. */
    static void again(ControlPlane cluster, String namespace, Map<String, Object> values) {
        var command = new Helm(Chart.folder())
                .install()
                .withName("corral")
                .withNamespace(namespace)
                .createNamespace()
                .withKubeConfigContents(cluster.kubeconfig());
        var all = new TreeMap<>(Chart.IMAGES);
        all.putAll(values);
        all.forEach(command::set);
        command.call();
    }

    /** The kubelets' own role has no binding by itself; the node authorizer usually does its work. */
    private void makeNodesRole() {
        accept(admin.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", parse("""
                metadata: {name: nodes}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:node}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: system:nodes}]
                """)));
    }

    /** A namespace whose tenant may do everything in it, with the account the controller makes there. */
    void makeNamespace(String name) {
        accept(admin.create(
                "/api/v1/namespaces",
                parse("{metadata: {name: %s, labels: {corral.dev/enabled: 'true'}}}".formatted(name))));
        var rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + name;
        accept(admin.create(rbac + "/roles", parse("""
                metadata: {name: everything}
                rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
                """)));
        accept(admin.create(rbac + "/rolebindings", parse("""
                metadata: {name: tenant}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: everything}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: tenant}]
                """)));
        makeAccounts(name);
    }

    /** Those the controllers of Kubernetes and ours make: a pod without an account is none. */
    void makeAccounts(String namespace) {
        var accounts = "/api/v1/namespaces/" + namespace + "/serviceaccounts/";
        accept(controller.patch(accounts + "corral-plugin?fieldManager=corral&force=true", APPLY, """
                {apiVersion: v1, kind: ServiceAccount, metadata: {name: corral-plugin, labels: {app.kubernetes.io/managed-by: corral}},
                 automountServiceAccountToken: false}"""));
        accept(admin.patch(
                accounts + "default?fieldManager=test",
                APPLY,
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: default}}"));
    }

    String makeExecution(String namespace, String name) {
        var answer = tenant.create(EXECUTIONS.replace("team-a", namespace), execution(name));
        accept(answer);
        return answer.body().at("/metadata/uid").asText();
    }

    static ObjectNode execution(String name) {
        return (ObjectNode) parse("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: %s}
                spec:
                  plugin: {name: link-check}
                  handler: check
                  input: {url: "https://docs.example.org/", depth: 2}
                """.formatted(name));
    }

    static JsonNode policy(String name, String manager, String selector, String allows) {
        return parse("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: %s, labels: {app.kubernetes.io/managed-by: %s}}
                spec:
                  podSelector: %s
                  policyTypes: [Egress]
                  %s
                """.formatted(name, manager, selector, allows));
    }

    static void accept(Answer answer) {
        assertThat(answer.isAccepted())
                .as("%d %s", answer.code(), answer.message())
                .isTrue();
    }

    /** Refused by a guard of ours, with the words that say what was wrong. */
    static void refuse(Answer answer, String said) {
        assertThat(answer.code()).as(answer.message()).isIn(403, 422);
        assertThat(answer.message())
                .contains("ValidatingAdmissionPolicy 'corral-")
                .contains(said);
    }

    @Override
    public void close() {
        cluster.close();
    }
}
