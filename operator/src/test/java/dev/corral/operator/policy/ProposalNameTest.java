package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Wording.capabilities;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.policy.Request.PluginName;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A proposal is pasted as it stands, so the API server must take the names in it. */
class ProposalNameTest {
    private static final Pattern NAME = Pattern.compile("(?m)^metadata: \\{name: \"(.*)\"}$");
    private static final String SUBDOMAIN = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";

    @ParameterizedTest
    @CsvSource({
        "browser, allow-team-a-link-checker-browser",
        "Web_Browser, allow-team-a-link-checker-web-browser",
        "web.v2, allow-team-a-link-checker-web.v2",
        "a_.-b, allow-team-a-link-checker-a.b",
        "browser-, allow-team-a-link-checker-browser",
        "browser._, allow-team-a-link-checker-browser",
    })
    void theNameOfACapabilityBecomesOneOfAPolicy(String capability, String name) {
        assertThat(names(aPluginAsking(capabilities(capability))))
                .containsExactly("allow-team-a-link-checker", name)
                .allMatch(written -> written.matches(SUBDOMAIN));
    }

    @Test
    void aNameThatIsTooLongIsNotCutAfterADot() {
        var scene = aPluginAsking(capabilities("browser"));
        scene.pluginName = new PluginName(false, "x".repeat(231) + "." + "y".repeat(7) + ".z");

        assertThat(names(scene)).hasSize(2).allMatch(written -> written.length() <= 253 && written.matches(SUBDOMAIN));
    }

    private static List<String> names(Scene scene) {
        scene.with(policy("docs"));
        String proposal = new PolicySet(scene.clusterRules, scene.namespaceRules)
                .proposal(scene.request(), Scene.EXCEPTED, Scene.NOW)
                .orElseThrow();
        return NAME.matcher(proposal).results().map(match -> match.group(1)).toList();
    }
}
