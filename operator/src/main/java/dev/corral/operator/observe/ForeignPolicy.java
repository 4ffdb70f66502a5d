package dev.corral.operator.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.corral.operator.observe.NetworkOpening.Stray;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
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
    private static final String CORRECT =
            "it cannot be read, or is of more than 32768 values, names and brackets, and so counts as one that opens everything:"
                    + " correct, split or delete it";
    private static final String CLEARED =
            "it has Corral's label and is none of Corral's, which deletes it before anything starts";
    private static final Map<String, String> OUR_LABEL = Map.of(OwnedLabels.MANAGED_BY, OwnedLabels.CORRAL);
    private static final List<Map<String, Object>> EVERYTHING = List.of(Map.of());

    private ForeignPolicy() {}

    /**
     * What the policy opens for plugin pods of that namespace; empty if it certainly opens nothing for them. {@code podLabels} are those
     * every plugin pod has; labels of ours that differ from pod to pod count as unknown. A policy that cannot be read opens everything: it
     * must neither be overlooked nor stop the look at all others.
     */
    public static Optional<NetworkOpening> opening(
            GenericKubernetesResource policy,
            String namespace,
            Map<String, String> namespaceLabels,
            Map<String, String> podLabels) {
        try {
            List<String> opened = opened(policy, new World(namespace, namespaceLabels, podLabels));
            if (opened.isEmpty()) {
                return Optional.empty();
            }
            Optional<Stray> stray = stray(policy);
            return Optional.of(new NetworkOpening(
                    name(policy), String.join(" and ", opened), stray.isPresent() ? CLEARED : EXCLUDE, stray));
        } catch (RuntimeException | StackOverflowError unreadable) { // an object may be ten thousand levels deep
            Optional<Stray> stray = stray(policy);
            return Optional.of(new NetworkOpening(
                    name(policy), "ingress and egress", stray.isPresent() ? CLEARED : CORRECT, stray));
        }
    }

    private static Optional<Stray> stray(GenericKubernetesResource policy) {
        ObjectMeta metadata = policy.getMetadata();
        return isNamed(policy) && isKubernetesOwn(policy) && hasOurLabel(policy)
                ? Optional.of(new Stray(metadata.getNamespace(), metadata.getName(), metadata.getUid()))
                : Optional.empty();
    }

    private static String name(GenericKubernetesResource policy) {
        return policy.getKind() + " "
                + (policy.getMetadata() == null ? null : policy.getMetadata().getName());
    }

    private static List<String> opened(GenericKubernetesResource policy, World world) {
        String own = policy.getMetadata().getNamespace();
        if (own != null && !own.equals(world.namespace())) {
            return List.of();
        }
        JsonNode object = JSON.valueToTree(policy.getAdditionalProperties());
        JsonNode spec = Fields.map(object, "spec");
        return switch (policy.getKind()) {
            case "NetworkPolicy" -> isKubernetesOwn(policy) ? kubernetes(policy, spec, world) : calico(spec, world);
            case "GlobalNetworkPolicy" -> calico(spec, world);
            case "CiliumNetworkPolicy" -> cilium(object, world::endpointHere);
            case "CiliumClusterwideNetworkPolicy" -> cilium(object, world::endpoint);
            case "AdminNetworkPolicy", "ClusterNetworkPolicy" -> clusterwide(spec, world);
            default -> throw new IllegalArgumentException("no kind that is known");
        };
    }

    /**
     * The policy as a cache keeps it. Whoever may edit a namespace may make many of Kubernetes' own, of a megabyte each; of one of these only
     * what it opens is kept, which neither names nor labels of namespaces change. All others are kept as they are.
     */
    public static GenericKubernetesResource slim(GenericKubernetesResource policy, Map<String, String> podLabels) {
        try {
            return isKubernetesOwn(policy) ? opened(policy, podLabels) : policy;
        } catch (RuntimeException | StackOverflowError unreadable) { // the look at it finds the same, and says so
            return isNamed(policy) && isKubernetesOwn(policy) ? kept(policy, "cannot be read") : policy;
        }
    }

    /** Whether it may open anything for plugin pods, wherever they are. */
    public static boolean mayOpen(GenericKubernetesResource policy, Map<String, String> podLabels) {
        try {
            return !isKubernetesOwn(policy) || !kubernetes(policy, podLabels).isEmpty();
        } catch (RuntimeException | StackOverflowError unreadable) {
            return true;
        }
    }

    private static GenericKubernetesResource opened(GenericKubernetesResource policy, Map<String, String> podLabels) {
        Map<String, Object> opened = new HashMap<>();
        kubernetes(policy, podLabels).forEach(direction -> opened.put(direction, EVERYTHING));
        return kept(policy, opened);
    }

    private static GenericKubernetesResource kept(GenericKubernetesResource policy, Object spec) {
        ObjectMeta metadata = new ObjectMeta();
        metadata.setNamespace(policy.getMetadata().getNamespace());
        metadata.setName(policy.getMetadata().getName());
        metadata.setUid(policy.getMetadata().getUid());
        metadata.setResourceVersion(policy.getMetadata().getResourceVersion());
        if (hasOurLabel(policy)) {
            metadata.setLabels(OUR_LABEL);
        }
        GenericKubernetesResource slim = new GenericKubernetesResource();
        slim.setApiVersion(policy.getApiVersion());
        slim.setKind(policy.getKind());
        slim.setMetadata(metadata);
        slim.setAdditionalProperty("spec", spec);
        return slim;
    }

    private static List<String> kubernetes(GenericKubernetesResource policy, Map<String, String> podLabels) {
        JsonNode spec = Fields.map(JSON.valueToTree(policy.getAdditionalProperties()), "spec");
        return kubernetes(policy, spec, new World("", Map.of(), podLabels));
    }

    /**
     * One that we lay down: by its label, its name, and whom it selects, which are all plugin pods for the one that denies, and those of the
     * class it is named after for any other, whichever installation or release wrote it. What it says beyond that is compared with what is
     * rendered by whoever has a pod that it selects.
     */
    private static boolean isOurs(GenericKubernetesResource policy, JsonNode spec) {
        String name = policy.getMetadata().getName();
        if (!hasOurLabel(policy) || ObjectNames.DEFAULT_DENY.equals(name)) {
            return hasOurLabel(policy);
        }
        JsonNode selector = Fields.map(spec, "podSelector");
        String networkClass =
                selector.path("matchLabels").path(OwnedLabels.NETWORK_CLASS).asText();
        Map<String, Object> itsPods =
                Map.of("matchLabels", Map.of(OwnedLabels.PLUGIN_POD, "true", OwnedLabels.NETWORK_CLASS, networkClass));
        return ObjectNames.networkPolicy(networkClass).equals(name) && selector.equals(JSON.valueToTree(itsPods));
    }

    private static boolean hasOurLabel(GenericKubernetesResource policy) {
        Map<String, String> labels = policy.getMetadata().getLabels();
        return labels != null && OwnedLabels.CORRAL.equals(labels.get(OwnedLabels.MANAGED_BY));
    }

    private static boolean isNamed(GenericKubernetesResource policy) {
        return policy.getMetadata() != null && policy.getApiVersion() != null;
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

    private static List<String> kubernetes(GenericKubernetesResource policy, JsonNode spec, World world) {
        return !isOurs(policy, spec) && PodSelection.may(Fields.map(spec, "podSelector"), world::pod)
                ? directions(direction -> applies(spec, direction)
                        && !Fields.list(spec, direction).isEmpty())
                : List.of();
    }

    /** {@code policyTypes} is always there on an API server; rules of a type it does not name are without effect. */
    private static boolean applies(JsonNode spec, String direction) {
        JsonNode types = Fields.list(spec, "policyTypes");
        return types.isEmpty() || any(types, type -> Fields.text(type).equalsIgnoreCase(direction));
    }

    /** Deny rules are of other fields; a rule without content selects no peer. Policies for nodes have a nodeSelector. */
    private static List<String> cilium(JsonNode object, PodSelection.Labels labels) {
        List<JsonNode> specs = new ArrayList<>();
        specs.add(object.path("spec"));
        Fields.list(object, "specs").forEach(specs::add);
        List<JsonNode> ours = specs.stream()
                .map(Fields::map)
                .filter(spec -> spec.isObject() && (spec.has("endpointSelector") || !spec.hasNonNull("nodeSelector")))
                .filter(spec -> PodSelection.may(Fields.map(spec, "endpointSelector"), labels))
                .toList();
        return directions(direction -> ours.stream()
                .anyMatch(spec -> any(
                        Fields.list(spec, direction), rule -> !Fields.map(rule).isEmpty())));
    }

    /**
     * {@code Allow} ends the matter before ours are asked; {@code Pass} in the last tier falls to the namespace's profile, which allows; no
     * action at all is an {@code Allow} to Calico.
     */
    private static List<String> calico(JsonNode spec, World world) {
        boolean selects = PodSelection.may(Fields.text(spec, "selector"), world::workload)
                && PodSelection.may(Fields.text(spec, "namespaceSelector"), world::profile)
                && PodSelection.may(Fields.text(spec, "serviceAccountSelector"), world::account);
        return selects ? directions(direction -> any(Fields.list(spec, direction), ForeignPolicy::lets)) : List.of();
    }

    private static boolean lets(JsonNode rule) {
        String action = Fields.text(Fields.map(rule), "action");
        return !action.equalsIgnoreCase("Deny") && !action.equalsIgnoreCase("Log");
    }

    /** Those of the administrator's tier go before NetworkPolicies; those of the baseline are not asked where ours select. */
    private static List<String> clusterwide(JsonNode spec, World world) {
        if (Fields.text(spec, "tier").equals("Baseline")) {
            return List.of();
        }
        JsonNode subject = Fields.map(spec, "subject");
        JsonNode pods = Fields.map(subject, "pods");
        boolean selects = pods.isObject()
                ? PodSelection.may(Fields.map(pods, "namespaceSelector"), world::namespace)
                        && PodSelection.may(Fields.map(pods, "podSelector"), world::pod)
                : PodSelection.may(Fields.map(subject, "namespaces"), world::namespace);
        return selects
                ? directions(direction -> any(
                        Fields.list(spec, direction),
                        rule -> !Fields.text(Fields.map(rule), "action").matches("Deny|Pass")))
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
