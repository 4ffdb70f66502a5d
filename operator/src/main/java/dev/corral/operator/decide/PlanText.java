package dev.corral.operator.decide;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.corral.api.v1alpha1.PlanPreview;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.PodIdentity;
import dev.corral.operator.render.PodRenderer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The objects of a plan as YAML, for {@code mode: Plan} and for the examples' {@code expected/} folders. */
public final class PlanText {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE))
            .setDefaultPropertyInclusion(JsonInclude.Include.NON_EMPTY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    /** What the status has room for. Where many permissions are granted an object is longer. */
    private static final int MOST = 8192;

    private static final String CUT = "\n# … cut here, the whole would not fit into the status";

    private PlanText() {}

    /** In the order they are laid: deny, allow, pod. The trust bundle is left out, it says nothing about the run. */
    static PlanPreview preview(
            Installation installation, ExecutionPlan plan, Duration starts, Optional<String> proposal) {
        Installation readable = new Installation(
                installation.namespace(),
                installation.launcherImage(),
                installation.delivery(),
                installation.gatewayAddress(),
                "(the gateway's certificate authorities)",
                installation.version(),
                installation.guard());
        return new PlanPreview(
                List.of(
                        yaml(NetworkPolicyRenderer.defaultDeny(plan.run().namespace())),
                        yaml(new NetworkPolicyRenderer(readable).forClass(plan)),
                        yaml(new PodRenderer(readable).render(plan, PodIdentity.ofRun(plan.run(), starts)))),
                proposal.orElse(null));
    }

    private static String yaml(Object object) {
        try {
            String text = YAML.writeValueAsString(object);
            return text.length() <= MOST ? text : text.substring(0, MOST - CUT.length()) + CUT;
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("an object we made can be written", impossible);
        }
    }
}
