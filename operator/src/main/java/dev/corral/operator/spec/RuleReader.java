package dev.corral.operator.spec;

import dev.corral.api.v1alpha1.ClusterPluginPolicySpec;
import dev.corral.api.v1alpha1.ImageReferencePolicy;
import dev.corral.api.v1alpha1.LearnPolicy;
import dev.corral.api.v1alpha1.NamedService;
import dev.corral.api.v1alpha1.Placement;
import dev.corral.api.v1alpha1.PluginPolicySpec;
import dev.corral.api.v1alpha1.PolicyMode;
import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.Labels;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.permission.Quantity;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.policy.ClusterRule;
import dev.corral.operator.policy.ImagePattern;
import dev.corral.operator.policy.Mode;
import dev.corral.operator.policy.NamespaceRule;
import dev.corral.operator.policy.PlacementGrant;
import dev.corral.operator.policy.PolicyId;
import dev.corral.operator.policy.ServiceDefinition;
import dev.corral.operator.spec.PermissionReader.Purpose;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Policies as rules. A rule is always made: what cannot be read is in its problems, and selectors that cannot be read are empty. */
final class RuleReader {
    private static final Set<String> TAINT_EFFECTS = Set.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    private final Findings findings = new Findings("");

    private RuleReader() {}

    static ClusterRule clusterRule(PolicyId id, @Nullable ClusterPluginPolicySpec spec) {
        return new RuleReader().read(id, spec);
    }

    static NamespaceRule namespaceRule(PolicyId id, @Nullable PluginPolicySpec spec) {
        return new RuleReader().read(id, spec);
    }

    static NamespaceRule tooLarge(PolicyId id) {
        return new RuleReader()
                .unread(
                        id,
                        ViolationReason.OutOfRange,
                        "is larger than " + Slim.MOST_OF_A_POLICY / 1024
                                + " KiB; name less, or use wildcards where there are some");
    }

    private ClusterRule read(PolicyId id, @Nullable ClusterPluginPolicySpec spec) {
        if (spec == null) {
            findings.add("spec", ViolationReason.Missing, "is required");
            return new ClusterRule(
                    id,
                    false,
                    Optional.empty(),
                    Map.of(),
                    Set.of(),
                    List.of(),
                    false,
                    false,
                    Permissions.NONE,
                    Permissions.NONE,
                    List.of(),
                    PlacementGrant.ANYWHERE,
                    new TreeSet<>(),
                    new TreeSet<>(),
                    Mode.ENFORCE,
                    Optional.empty(),
                    findings.violations());
        }
        Optional<Instant> expires = expires(spec.expires());
        Map<String, String> namespaceLabels = labels(
                spec.namespaces() == null ? null : spec.namespaces().matchLabels(), "spec.namespaces.matchLabels");
        Set<String> plugins = pluginNames(spec.plugins());
        List<ImagePattern> images = findings.each(spec.images(), "spec.images", ImagePattern::parse);
        boolean imagesUnreadable =
                spec.images() != null && images.size() < spec.images().size();
        Permissions grants = PermissionReader.read(spec.grants(), Purpose.GRANT, "spec.grants", findings);
        Permissions denies = PermissionReader.read(spec.denies(), Purpose.DENY, "spec.denies", findings);
        List<ServiceDefinition> services = services(spec.services());
        PlacementGrant placement = placement(spec.placement());
        Set<String> pullSecrets = names(spec.imagePullSecrets(), "spec.imagePullSecrets");
        Set<String> tolerated = words(spec.tolerateUnenforced(), "spec.tolerateUnenforced");
        return new ClusterRule(
                id,
                Boolean.TRUE.equals(spec.fallback()),
                expires,
                namespaceLabels,
                plugins,
                imagesUnreadable ? List.of() : images,
                spec.imageReferences() == ImageReferencePolicy.Tag,
                spec.learn() == LearnPolicy.Allowed,
                grants,
                denies,
                services,
                placement,
                new TreeSet<>(pullSecrets),
                new TreeSet<>(tolerated),
                mode(spec.mode()),
                capability(spec.capability(), grants),
                findings.violations());
    }

    private NamespaceRule read(PolicyId id, @Nullable PluginPolicySpec spec) {
        if (spec == null) {
            return unread(id, ViolationReason.Missing, "is required");
        }
        Set<String> plugins = pluginNames(spec.plugins());
        Optional<Permissions> limitTo = Optional.ofNullable(spec.limitTo())
                .map(written -> PermissionReader.read(written, Purpose.GRANT, "spec.limitTo", findings));
        Permissions denies = PermissionReader.read(spec.denies(), Purpose.DENY, "spec.denies", findings);
        return new NamespaceRule(id, plugins, limitTo, denies, mode(spec.mode()), findings.violations());
    }

    /** About every plugin, and in force, since nobody knows otherwise. */
    private NamespaceRule unread(PolicyId id, ViolationReason reason, String message) {
        findings.add("spec", reason, message);
        return new NamespaceRule(id, Set.of(), Optional.empty(), Permissions.NONE, Mode.ENFORCE, findings.violations());
    }

    private static Mode mode(@Nullable PolicyMode written) {
        return written == PolicyMode.Audit ? Mode.AUDIT : Mode.ENFORCE;
    }

    /** None where the name cannot be read: the rule then is about every execution, and refuses it. */
    private Optional<String> capability(@Nullable String written, Permissions grants) {
        if (!grants.capabilities().isEmpty()) {
            findings.add(
                    "spec.grants.capabilities",
                    ViolationReason.Contradiction,
                    "a capability is granted by the policy that defines it; set spec.capability to its name");
        }
        return written == null
                ? Optional.empty()
                : findings.take(CapabilityName.parse(written, "spec.capability"))
                        .map(CapabilityName::name);
    }

    private Optional<Instant> expires(@Nullable String written) {
        if (written == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(written).toInstant());
        } catch (DateTimeParseException notATime) {
            findings.add(
                    "spec.expires",
                    ViolationReason.Malformed,
                    "is no time; write it with its zone, 2027-01-31T00:00:00Z");
            return Optional.empty();
        }
    }

    private Map<String, String> labels(@Nullable Map<String, String> written, String path) {
        Map<String, String> labels = findings.map(written, path);
        String problem = Labels.problemOf(labels);
        if (problem == null) {
            return labels;
        }
        findings.add(path, ViolationReason.Malformed, problem);
        return Map.of();
    }

    /** None at all as soon as one cannot be read: the rule then is about every plugin, and refuses it. */
    private Set<String> pluginNames(@Nullable List<String> written) {
        Set<String> plugins = names(written, "spec.plugins");
        boolean unreadable = written != null && plugins.size() < new HashSet<>(written).size();
        return unreadable ? Set.of() : plugins;
    }

    private Set<String> names(@Nullable List<String> written, String path) {
        return new TreeSet<>(findings.each(
                written,
                path,
                (name, at) -> Labels.isObjectName(name)
                        ? Parsed.value(name)
                        : Parsed.malformed(
                                at,
                                ViolationReason.Malformed,
                                "is no object name; lower-case letters, digits, - and .")));
    }

    private Set<String> words(@Nullable List<String> written, String path) {
        return new TreeSet<>(findings.each(
                written,
                path,
                (word, at) -> word.matches("[A-Za-z][A-Za-z0-9.]{0,62}")
                        ? Parsed.value(word)
                        : Parsed.malformed(
                                at,
                                ViolationReason.Malformed,
                                "names no permission; write network or limits.processes")));
    }

    private List<ServiceDefinition> services(@Nullable List<NamedService> written) {
        List<ServiceDefinition> services = findings.each(written, "spec.services", this::service);
        Map<String, ServiceDefinition> byName = new TreeMap<>();
        for (ServiceDefinition service : services) {
            ServiceDefinition earlier = byName.putIfAbsent(service.name(), service);
            if (earlier != null && !earlier.equals(service)) {
                findings.add(
                        "spec.services",
                        ViolationReason.Duplicate,
                        "\"" + service.name() + "\" is defined twice and differently; keep one");
            }
        }
        return services;
    }

    private Parsed<ServiceDefinition> service(NamedService written, String path) {
        Findings own = new Findings("");
        String name = own.required(written.name(), path + ".name");
        String namespace = own.required(written.namespace(), path + ".namespace");
        Map<String, String> podLabels = own.map(written.podLabels(), path + ".podLabels");
        List<Ports> ports = own.each(written.ports(), path + ".ports", Ports::parse);
        String problem = Labels.problemOf(podLabels);
        if (!name.isEmpty() && !Labels.isDnsLabel(name)) {
            own.add(path + ".name", ViolationReason.Malformed, "is no service name; write it like orders-db");
        }
        if (!namespace.isEmpty() && !Labels.isDnsLabel(namespace)) {
            own.add(path + ".namespace", ViolationReason.Malformed, "is no namespace name");
        }
        if (podLabels.isEmpty()) {
            own.add(
                    path + ".podLabels",
                    ViolationReason.Missing,
                    "is required: without labels every pod would be meant");
        }
        if (problem != null) {
            own.add(path + ".podLabels", ViolationReason.Malformed, problem);
        }
        if (written.ports() == null || written.ports().isEmpty()) {
            own.add(path + ".ports", ViolationReason.Missing, "is required; write 5432, or * for every port");
        }
        return own.violations().isEmpty()
                ? Parsed.value(new ServiceDefinition(name, namespace, new TreeMap<>(podLabels), ports))
                : new Parsed.Malformed<>(own.violations());
    }

    private PlacementGrant placement(@Nullable Placement written) {
        if (written == null) {
            return PlacementGrant.ANYWHERE;
        }
        return new PlacementGrant(
                new TreeMap<>(labels(written.nodeSelector(), "spec.placement.nodeSelector")),
                findings.each(written.tolerations(), "spec.placement.tolerations", RuleReader::toleration),
                className(written.priorityClassName(), "spec.placement.priorityClassName"),
                className(written.runtimeClassName(), "spec.placement.runtimeClassName"),
                waitingCpu(written.waitingCPU()));
    }

    private static Parsed<PlacementGrant.Toleration> toleration(
            dev.corral.api.v1alpha1.Toleration written, String path) {
        if (written.key() == null || !Labels.isKey(written.key())) {
            return Parsed.malformed(
                    path + ".key", ViolationReason.Malformed, "is no taint key; write example.org/plugins");
        }
        if (written.value() != null && !Labels.isValue(written.value())) {
            return Parsed.malformed(path + ".value", ViolationReason.Malformed, "is no taint value");
        }
        if (written.effect() != null && !TAINT_EFFECTS.contains(written.effect())) {
            return Parsed.malformed(
                    path + ".effect",
                    ViolationReason.Malformed,
                    "is no taint effect; write " + String.join(", ", new TreeSet<>(TAINT_EFFECTS)));
        }
        return Parsed.value(new PlacementGrant.Toleration(
                written.key(), Optional.ofNullable(written.value()), Optional.ofNullable(written.effect())));
    }

    private OptionalLong waitingCpu(@Nullable String written) {
        return written == null
                ? OptionalLong.empty()
                : findings.take(Quantity.cpuMillis(written, "spec.placement.waitingCPU"))
                        .map(OptionalLong::of)
                        .orElseGet(OptionalLong::empty);
    }

    private Optional<String> className(@Nullable String written, String path) {
        if (written == null || written.isEmpty()) {
            return Optional.empty();
        }
        if (!Labels.isObjectName(written)) {
            findings.add(path, ViolationReason.Malformed, "is no object name; lower-case letters, digits, - and .");
            return Optional.empty();
        }
        return Optional.of(written);
    }
}
