package dev.corral.operator.chart;

import static dev.corral.operator.chart.HardenedPod.parse;
import static dev.corral.operator.chart.InstalledChart.EXECUTIONS;
import static dev.corral.operator.chart.InstalledChart.accept;
import static dev.corral.operator.chart.InstalledChart.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.operator.chart.Caller.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Promise: nobody has a plugin read for them what they may not read themselves. The author here may run plugins, and nothing else. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequesterIT {
    private static final String DRY = "?dryRun=All";
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/team-a";

    @TempDir
    static Path folder;

    private InstalledChart chart;
    private Caller author;
    private int rights;

    @BeforeAll
    void install() throws IOException {
        var cluster = ControlPlane.start(folder);
        chart = InstalledChart.on(cluster, Map.of());
        author = new Caller(cluster.as("author", "system:authenticated"));
        grant("{apiGroups: [corral.dev], resources: [pluginexecutions], verbs: [create, get, patch]}");
        await("rights and guards in force").atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            accept(ask("{}"));
            refuse(ask("secrets: [{name: x, keys: [k]}]"), "may not get secrets x");
            refuse(ask("inputFrom: {configMapKey: {name: x, key: k}}"), "may not get configmaps x");
            refuse(ask("inputFrom: {artifact: {execution: x, artifact: a}}"), "pluginexecutions/artifacts of x");
            refuse(ask("files: [{name: f, claim: {name: x}}]"), "may not get persistentvolumeclaims x");
        });
    }

    @AfterAll
    void stop() {
        if (chart != null) {
            author.close();
            chart.close();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "secrets | secrets | '' | secrets: [{name: NAME, keys: [token]}] | spec.secrets | Secret",
                "input | configmaps | '' | inputFrom: {configMapKey: {name: NAME, key: k}} | spec.inputFrom | ConfigMap",
                "env | configmaps | '' | env: [{name: A, value: x}, {name: B, configMapKey: {name: NAME, key: k}}] | spec.env | ConfigMap",
                "file | configmaps | '' | files: [{name: f, configMapKey: {name: NAME, key: k}}] | spec.files | ConfigMap",
                "claim | persistentvolumeclaims | '' | files: [{name: f, claim: {name: NAME, path: a/b}}] | spec.files | PersistentVolumeClaim",
                "artifact | pluginexecutions/artifacts | corral.dev | inputFrom: {artifact: {execution: NAME, artifact: a}} | spec.inputFrom | PluginExecution",
                "staged | pluginexecutions/artifacts | corral.dev | files: [{name: f, artifact: {execution: NAME, artifact: a}}] | spec.files | PluginExecution",
            })
    void whatAnExecutionTakesItsAuthorMayRead(
            String name, String resource, String group, String spec, String field, String kind) {
        var object = "of-" + name;
        var more = spec.replace("NAME", object);
        var refused = ask(more);
        refuse(refused, "author may not get " + resource);
        assertThat(refused.code()).isEqualTo(403);
        assertThat(refused.message()).contains(object, field, kind);

        grant("{apiGroups: ['%s'], resources: ['%s'], resourceNames: [%s], verbs: [get]}"
                .formatted(group, resource, object));

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> accept(ask(more)));
        refuse(ask(more.replace(object, "another")), "another");
    }

    /** KEP-3488: a check has a fixed price. The most that a schema lets one name must still be affordable. */
    @Test
    void theMostThatCanBeNamedIsCheckedWithinTheBudget() {
        var all = each(8, "{name: sNR, keys: [k]}", "secrets") + ", "
                + each(16, "{name: fNR, artifact: {execution: eNR, artifact: a}}", "files") + ", "
                + each(20, "{name: VNR, configMapKey: {name: cNR, key: k}}", "env")
                + ", inputFrom: {artifact: {execution: other, artifact: a}}";
        refuse(ask(all), "may not get");
        accept(chart.admin().create(EXECUTIONS + DRY, execution(all)));
        var beyond = each(21, "{name: VNR, configMapKey: {name: cNR, key: k}}", "env");
        refuse(chart.admin().create(EXECUTIONS + DRY, execution(beyond)), "at most 20 different configmaps");
        // one ConfigMap, however often it is named, is one
        accept(chart.admin()
                .create(
                        EXECUTIONS + DRY,
                        execution(each(64, "{name: VNR, configMapKey: {name: c, key: kNR}}", "env"))));
    }

    /** The last of the list is checked as the first is. */
    @Test
    void noPositionEscapesTheCheck() {
        grant("{apiGroups: [''], resources: [secrets], resourceNames: [s0, s1, s2, s3, s4, s5, s6], verbs: [get]}");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> accept(ask(each(7, "{name: sNR, keys: [k]}", "secrets"))));
        refuse(ask(each(8, "{name: sNR, keys: [k]}", "secrets")), "may not get secrets s7");
    }

    /** A GitOps agent: its rights are checked, not those of whoever wrote the commit; what it may take is for policies to say. */
    @Test
    void anAccountThatMayReadEverythingMayNameEverything() {
        accept(chart.tenant().create(EXECUTIONS + DRY, execution("secrets: [{name: anybodys, keys: [k]}]")));
    }

    private static String each(int count, String entry, String list) {
        return list + ": "
                + IntStream.range(0, count)
                        .mapToObj(i -> entry.replace("NR", Integer.toString(i)))
                        .collect(Collectors.joining(", ", "[", "]"));
    }

    private Answer ask(String more) {
        return author.create(EXECUTIONS + DRY, execution(more));
    }

    private static JsonNode execution(String more) {
        var inner = more.equals("{}") ? "" : ", " + more;
        return parse("{apiVersion: corral.dev/v1alpha1, kind: PluginExecution, metadata: {name: taker},"
                + " spec: {plugin: {name: p}, handler: h" + inner + "}}");
    }

    private void grant(String rule) {
        var name = "author-" + rights++;
        accept(chart.admin()
                .create(RBAC + "/roles", parse("{metadata: {name: %s}, rules: [%s]}".formatted(name, rule))));
        accept(chart.admin().create(RBAC + "/rolebindings", parse("""
                metadata: {name: %1$s}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %1$s}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: author}]
                """.formatted(name))));
    }
}
