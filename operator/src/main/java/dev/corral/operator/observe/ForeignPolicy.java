package dev.corral.operator.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads network policies of others: NetworkPolicy, and those of Cilium, Calico and the policy API. Does one select pods with our labels,
 * and does it open anything? Policies add up, or go before ours, so any such one takes back what ours close.
 */
public final class ForeignPolicy {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXCLUDE = "let its selector leave them out: corral.dev/plugin-pod DoesNotExist";

    private static final List<Map<String, Object>> EVERYTHING = List.of(Map.of());

    private ForeignPolicy() {}

    /**
     * What the policy opens for plugin pods of that namespace; empty if it certainly opens nothing for them. {@code podLabels} are those
     * every plugin pod has; labels of ours that differ from pod to pod count as unknown.
     */
    public static Optional<NetworkOpening> opening(
            GenericKubernetesResource policy,
            String namespace,
            Map<String, String> namespaceLabels,
            Map<String, String> podLabels) {
        String own = policy.getMetadata().getNamespace();
        if (own != null && !own.equals(namespace)) {
            return Optional.empty();
        }
        JsonNode object = JSON.valueToTree(policy.getAdditionalProperties());
        World world = new World(namespace, namespaceLabels, podLabels);
        List<String> opened = switch (policy.getKind()) {
            case "NetworkPolicy" ->
                isKubernetesOwn(policy) ? kubernetes(object.path("spec"), world) : calico(object.path("spec"), world);
            case "GlobalNetworkPolicy" -> calico(object.path("spec"), world);
            case "CiliumNetworkPolicy" -> cilium(object, world::endpointHere);
            case "CiliumClusterwideNetworkPolicy" -> cilium(object, world::endpoint);
            case "AdminNetworkPolicy", "ClusterNetworkPolicy" -> clusterwide(object.path("spec"), world);
            default -> List.of();
        };
        return opened.isEmpty()
                ? Optional.empty()
                : Optional.of(new NetworkOpening(
                        policy.getKind() + " " + policy.getMetadata().getName(),
                        String.join(" and ", opened),
                        EXCLUDE));
    }

    /**
     * The policy as a cache keeps it. Whoever may edit a namespace may make many of Kubernetes' own, of a megabyte each; of one of these only
     * what it opens is kept, which neither names nor labels of namespaces change. All others are kept as they are.
     */
    public static GenericKubernetesResource slim(GenericKubernetesResource policy, Map<String, String> podLabels) {
        if (!isKubernetesOwn(policy)) {
            return policy;
        }
        JsonNode spec = JSON.valueToTree(policy.getAdditionalProperties()).path("spec");
        Map<String, Object> opened = new HashMap<>();
        kubernetes(spec, new World("", Map.of(), podLabels)).forEach(direction -> opened.put(direction, EVERYTHING));
        ObjectMeta metadata = new ObjectMeta();
        metadata.setNamespace(policy.getMetadata().getNamespace());
        metadata.setName(policy.getMetadata().getName());
        metadata.setUid(policy.getMetadata().getUid());
        metadata.setResourceVersion(policy.getMetadata().getResourceVersion());
        GenericKubernetesResource slim = new GenericKubernetesResource();
        slim.setApiVersion(policy.getApiVersion());
        slim.setKind(policy.getKind());
        slim.setMetadata(metadata);
        slim.setAdditionalProperty("spec", opened);
        return slim;
    }

    private static boolean isKubernetesOwn(GenericKubernetesResource policy) {
        return policy.getApiVersion().startsWith("networking.k8s.io/");
    }

    /** Where the pods are, and with that everything a selector can ask about them. */
    private record World(String namespace, Map<String, String> namespaceLabels, Map<String, String> podLabels) {
        /** Ours that differ; those that come with the node; those that Calico and Cilium give every pod, for a selector of Kubernetes too. */
        private static final List<String> OPEN = List.of(
                "corral.dev/",
                "topology.kubernetes.io/",
                "projectcalico.org/",
                "pcns.",
                "pcsa.",
                "io.cilium.",
                "io.kubernetes.pod.");

        /** Labels of any plugin pod. Of some only the value is open. */
        PodSelection.Known pod(String key) {
            return !podLabels.containsKey(key) && OPEN.stream().anyMatch(key::startsWith)
                    ? new PodSelection.Unknown()
                    : PodSelection.exactly(podLabels).of(key);
        }

        /**
         * The same as Cilium writes it: with a source in front, and the namespace and account among the labels. In doubt are keys of another
         * source (a pod is reserved:init before its labels are known) and those that are no plain key, of which Cilium reads a part.
         */
        PodSelection.Known endpoint(String written) {
            String key = written.replaceFirst("^(k8s|any):", "");
            if (!key.matches("[\\w./-]+") || key.startsWith("reserved.")) {
                return new PodSelection.Unknown();
            }
            String ofNamespace = "io.cilium.k8s.namespace.labels.";
            if (key.startsWith(ofNamespace)) {
                return namespace(key.substring(ofNamespace.length()));
            }
            return switch (key) {
                case "io.kubernetes.pod.namespace" -> new PodSelection.Value(namespace);
                case "io.cilium.k8s.policy.serviceaccount" -> new PodSelection.Value("corral-plugin");
                default -> pod(key);
            };
        }

        /** The same in a policy of the namespace, where Cilium puts that namespace over any other one asked for. */
        PodSelection.Known endpointHere(String written) {
            return written.endsWith("io.kubernetes.pod.namespace") ? new PodSelection.Unknown() : endpoint(written);
        }

        /** The same as Calico writes it. */
        PodSelection.Known workload(String key) {
            return switch (key) {
                case "projectcalico.org/namespace" -> new PodSelection.Value(namespace);
                case "projectcalico.org/serviceaccount" -> new PodSelection.Value("corral-plugin");
                default -> pod(key);
            };
        }

        /** The account of plugin pods. Whoever may write accounts in the namespace may label it. */
        PodSelection.Known account(String key) {
            return key.equals("projectcalico.org/name")
                    ? new PodSelection.Value("corral-plugin")
                    : new PodSelection.Unknown();
        }

        /** The namespace as Calico labels it. */
        PodSelection.Known profile(String key) {
            return key.equals("projectcalico.org/name") ? new PodSelection.Value(namespace) : namespace(key);
        }

        PodSelection.Known namespace(String key) {
            return key.equals("kubernetes.io/metadata.name")
                    ? new PodSelection.Value(namespace)
                    : PodSelection.exactly(namespaceLabels).of(key);
        }
    }

    private static List<String> kubernetes(JsonNode spec, World world) {
        return PodSelection.may(spec.path("podSelector"), world::pod)
                ? directions(direction ->
                        applies(spec, direction) && !spec.path(direction).isEmpty())
                : List.of();
    }

    /** {@code policyTypes} is always there on an API server; rules of a type it does not name are without effect. */
    private static boolean applies(JsonNode spec, String direction) {
        if (spec.path("policyTypes").isEmpty()) {
            return true;
        }
        for (JsonNode type : spec.path("policyTypes")) {
            if (type.asText().equalsIgnoreCase(direction)) {
                return true;
            }
        }
        return false;
    }

    /** Deny rules are of other fields; a rule without content selects no peer. Policies for nodes have a nodeSelector. */
    private static List<String> cilium(JsonNode object, PodSelection.Labels labels) {
        List<JsonNode> specs = new ArrayList<>();
        specs.add(object.path("spec"));
        object.path("specs").forEach(specs::add);
        List<JsonNode> ours = specs.stream()
                .filter(spec -> spec.isObject() && (spec.has("endpointSelector") || !spec.hasNonNull("nodeSelector")))
                .filter(spec -> PodSelection.may(spec.path("endpointSelector"), labels))
                .toList();
        return directions(direction ->
                ours.stream().anyMatch(spec -> any(spec.path(direction), rule -> !rule.isEmpty())));
    }

    /**
     * {@code Allow} ends the matter before ours are asked; {@code Pass} in the last tier falls to the namespace's profile, which allows; no
     * action at all is an {@code Allow} to Calico.
     */
    private static List<String> calico(JsonNode spec, World world) {
        boolean selects = PodSelection.may(spec.path("selector").asText(), world::workload)
                && PodSelection.may(spec.path("namespaceSelector").asText(), world::profile)
                && PodSelection.may(spec.path("serviceAccountSelector").asText(), world::account);
        return selects ? directions(direction -> any(spec.path(direction), ForeignPolicy::lets)) : List.of();
    }

    private static boolean lets(JsonNode rule) {
        String action = rule.path("action").asText();
        return !action.equalsIgnoreCase("Deny") && !action.equalsIgnoreCase("Log");
    }

    /** Those of the administrator's tier go before NetworkPolicies; those of the baseline are not asked where ours select. */
    private static List<String> clusterwide(JsonNode spec, World world) {
        if (spec.path("tier").asText().equals("Baseline")) {
            return List.of();
        }
        JsonNode subject = spec.path("subject");
        boolean selects = subject.has("pods")
                ? PodSelection.may(subject.at("/pods/namespaceSelector"), world::namespace)
                        && PodSelection.may(subject.at("/pods/podSelector"), world::pod)
                : PodSelection.may(subject.path("namespaces"), world::namespace);
        return selects
                ? directions(direction -> any(
                        spec.path(direction),
                        rule -> rule.path("action").asText().matches("Allow|Accept")))
                : List.of();
    }

    private static boolean any(JsonNode rules, Predicate<JsonNode> test) {
        for (JsonNode rule : rules) {
            if (test.test(rule)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> directions(Predicate<String> opens) {
        List<String> opened = new ArrayList<>();
        for (String direction : List.of("ingress", "egress")) {
            if (opens.test(direction)) {
                opened.add(direction);
            }
        }
        return List.copyOf(opened);
    }
}
