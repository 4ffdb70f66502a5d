package dev.corral.operator.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.lib.jse.JsePlatform;

/** The health check for Argo CD, run by a Lua engine on objects as the API server returns them. */
class ArgoHealthTest {
    private static final String SCRIPT = Chart.read(Chart.folder().resolve("files/argocd-health.lua"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            PluginExecution     | {}              | {}                                                                            | Progressing
            PluginExecution     | {suspend: true} | {}                                                                            | Suspended
            PluginExecution     | {}              | {conditions: [{type: Succeeded, status: Unknown}]}                            | Progressing
            PluginExecution     | {suspend: true} | {conditions: [{type: Succeeded, status: Unknown}]}                            | Suspended
            PluginExecution     | {}              | {observedGeneration: 2, conditions: [{type: Succeeded, status: 'True'}]}      | Healthy
            PluginExecution     | {suspend: true} | {observedGeneration: 2, conditions: [{type: Succeeded, status: 'True'}]}      | Healthy
            PluginExecution     | {}              | {observedGeneration: 2, conditions: [{type: Succeeded, status: 'False'}]}     | Degraded
            PluginExecution     | {}              | {observedGeneration: 2, conditions: [{type: Ready, status: 'True'}]}          | Progressing
            PluginExecution     | {}              | {observedGeneration: 1, conditions: [{type: Succeeded, status: 'True'}]}      | Healthy
            PluginExecution     | {suspend: true} | {observedGeneration: 1, conditions: [{type: Succeeded, status: 'True'}]}      | Healthy
            PluginExecution     | {suspend: true} | {observedGeneration: 1, conditions: [{type: Succeeded, status: 'False'}]}     | Degraded
            Plugin              | {}              | {observedGeneration: 1, conditions: [{type: Ready, status: 'True'}]}          | Progressing
            Plugin              | {}              | {observedGeneration: 2, conditions: [{type: Ready, status: 'True'}]}          | Healthy
            ClusterPluginPolicy | {}              | {observedGeneration: 2, conditions: [{type: Ready, status: 'False'}]}         | Degraded
            PluginPolicy        | {}              | {observedGeneration: 2, conditions: [{type: Other, status: 'True'}, {type: Ready, status: 'True'}]} | Healthy
            PluginPool          | {}              | {observedGeneration: 2, conditions: [{type: Ready, status: 'False'}, {type: Reconciling, status: 'True'}]} | Progressing
            PluginPool          | {}              | {observedGeneration: 2, conditions: [{type: Ready, status: 'False'}, {type: Reconciling, status: 'False'}]} | Degraded
            ClusterPlugin       | {}              | {}                                                                            | Progressing
            """)
    void healthFollowsTheConditions(String kind, String spec, String status, String health) {
        assertThat(check(kind, spec, status).get("status").tojstring()).isEqualTo(health);
    }

    @Test
    void messageIsTheConditions() {
        var status =
                "{observedGeneration: 2, conditions: [{type: Succeeded, status: 'False', reason: TimedOut, message: after 5m}]}";
        assertThat(check("PluginExecution", "{}", status).get("message").tojstring())
                .isEqualTo("after 5m");
        assertThat(check("PluginExecution", "{}", status.replace(", message: after 5m", ""))
                        .get("message")
                        .tojstring())
                .isEqualTo("TimedOut");
    }

    private static LuaValue check(String kind, String spec, String status) {
        var globals = JsePlatform.standardGlobals();
        globals.set(
                "obj",
                lua(HardenedPod.parse(
                        "{kind: %s, metadata: {generation: 2}, spec: %s, status: %s}".formatted(kind, spec, status))));
        return globals.load(SCRIPT, "argocd-health.lua").call();
    }

    private static LuaValue lua(JsonNode node) {
        if (node.isContainerNode()) {
            var table = new LuaTable();
            node.properties().forEach(field -> table.set(field.getKey(), lua(field.getValue())));
            for (var i = 0; node.isArray() && i < node.size(); i++) {
                table.set(i + 1, lua(node.get(i)));
            }
            return table;
        }
        if (node.isBoolean()) {
            return LuaValue.valueOf(node.asBoolean());
        }
        return node.isNumber() ? LuaValue.valueOf(node.asInt()) : LuaValue.valueOf(node.asText());
    }
}
