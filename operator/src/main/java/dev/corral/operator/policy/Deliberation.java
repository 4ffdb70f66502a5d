package dev.corral.operator.policy;

import dev.corral.operator.permission.ArtifactPattern;
import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.ServiceName;
import dev.corral.operator.permission.TopicPattern;
import dev.corral.operator.permission.Word;
import dev.corral.operator.permission.Yaml;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One verdict in the making: the rules that count, what is asked, and what has been found so far. Used once. */
final class Deliberation {
    private final Request request;
    private final List<ClusterRule> tier;
    private final List<NamespaceRule> narrowing;
    private final AlwaysExcepted excepted;
    private final boolean learns;
    private final Judge judge;

    private final List<Denial> denials = new ArrayList<>();
    private final List<EffectiveLine> lines = new ArrayList<>();
    private final List<HostPattern> hosts = new ArrayList<>();
    private final List<HostPattern> denyHosts = new ArrayList<>();
    private final List<CidrRule> cidrs = new ArrayList<>();
    private final List<PeerGrant> peers = new ArrayList<>();
    private final List<ServiceDefinition> services = new ArrayList<>();
    private final List<EnvPattern> env = new ArrayList<>();
    private final List<ArtifactPattern> artifacts = new ArrayList<>();
    private final List<ClaimPaths> claims = new ArrayList<>();
    private final List<TopicPattern> produce = new ArrayList<>();
    private final FileMeet files;
    private final Map<PermissionField, SortedSet<Grantable>> given = new EnumMap<>(PermissionField.class);

    Deliberation(
            Request asked,
            List<ClusterRule> tier,
            List<NamespaceRule> narrowing,
            AlwaysExcepted excepted,
            boolean learns) {
        this.tier = tier;
        this.narrowing = narrowing;
        this.excepted = excepted;
        this.learns = learns;
        Judge first = new Judge(asked, tier, narrowing, excepted);
        this.request = learns
                ? new Learning(tier)
                        .widen(asked, narrowing, ask -> first.refusal(ask).isEmpty())
                : asked;
        this.judge = new Judge(request, tier, narrowing, excepted);
        this.files = new FileMeet(
                request, judge.denies().stream().map(Judge.Denies::denies).toList());
    }

    Verdict verdict() {
        judgeImage();
        List<Ask> asks = new ArrayList<>(Ask.chain(request, denials));
        asks.addAll(new Expansion(request, tier).of(asks, denials));
        asks.forEach(this::judge);
        judgeEnvNames(asks);
        denials.addAll(new NamedArtifacts(request, asks, tier).denials());
        request.claims().forEach(named -> named.denial(asks, request).ifPresent(denials::add));
        List<SecretKeys> secrets = judgeSecrets(asks);
        secrets.forEach(secret -> give(PermissionField.SECRETS, secret));
        judgeSizes();
        Limits limits = new LimitMeet(request, tier, narrowing).meet(lines);
        PlacementGrant placement = PlacementMeet.meet(tier, denials);
        if (!denials.isEmpty()) {
            return new Verdict.Denied(denials);
        }
        return new Verdict.Granted(
                new EffectivePermissions(
                        hosts,
                        denyHosts,
                        cidrs,
                        peers,
                        services,
                        env,
                        secrets,
                        artifacts,
                        claims,
                        files.meet(),
                        produce,
                        limits,
                        placement,
                        union(ClusterRule::pullSecrets),
                        union(ClusterRule::tolerateUnenforced),
                        learns,
                        Permissions.of(listed(given), Budget.UNLIMITED),
                        lines,
                        Stream.concat(
                                        tier.stream().map(ClusterRule::id),
                                        narrowing.stream().map(NamespaceRule::id))
                                .toList()),
                List.of());
    }

    private SortedSet<String> union(Function<ClusterRule, SortedSet<String>> names) {
        return tier.stream().flatMap(rule -> names.apply(rule).stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private void judgeImage() {
        if (request.image().digest().isEmpty() && tier.stream().noneMatch(ClusterRule::allowTags)) {
            denials.add(new Denial(
                    "spec.image",
                    DenialReason.ImageNotPinned,
                    request.plugin().author() + " uses " + request.image()
                            + ", whose content can change, for want of a digest",
                    Remedy.extended(tier),
                    "Pin it (" + request.image().repository() + "@sha256:…). "
                            + Remedy.extending(tier, request, "imageReferences: Tag")));
        }
    }

    private void judge(Ask ask) {
        judge.refusal(ask).ifPresentOrElse(denials::add, () -> accept(ask, judge.granting(ask)));
    }

    private void accept(Ask ask, List<ClusterRule> granting) {
        if (ask.field() != PermissionField.SECRETS) { // of these the execution names what it is given: see judgeSecrets
            give(ask.field(), ask.item());
        }
        switch (ask.item()) {
            case CidrGrant cidr -> {
                CidrRule rule = CidrRule.without(cidr, exceptions(cidr));
                cidrs.add(rule);
                line(ask.field(), rule.toString(), granting);
            }
            case PeerGrant peer -> {
                peers.add(peer);
                line(ask.field(), peer.toString(), granting);
            }
            case ServiceName service -> resolve(ask, service, granting);
            case EnvPattern pattern -> {
                env.add(pattern);
                line(ask.field(), pattern.toString(), granting);
            }
            case ArtifactPattern pattern -> {
                artifacts.add(pattern);
                line(ask.field(), pattern.toString(), granting);
            }
            case ClaimPaths paths -> {
                claims.add(paths);
                line(ask.field(), paths.toString(), granting);
            }
            case TopicPattern topic -> {
                produce.add(topic);
                line(ask.field(), topic.toString(), granting);
            }
            case SecretKeys ignored -> {
                // effective is what the execution names of them: see judgeSecrets
            }
            case CapabilityName capability -> line(ask.field(), capability.name(), granting);
            case HostPattern host -> {
                if (ask.field().restricts()) {
                    deny(host, ask.author());
                } else {
                    hosts.add(host);
                    line(ask.field(), host.toString(), granting);
                    cutOut(host);
                }
            }
            case PathGlob glob -> {
                files.accept(ask.field(), glob);
                if (ask.field().restricts()) {
                    lines.add(new EffectiveLine(ask.field().singular(), glob.toString(), ask.author()));
                } else {
                    line(ask.field(), glob.toString(), granting);
                }
            }
            case Word unreachable -> throw refusedEarlier(ask);
        }
    }

    private void deny(HostPattern host, String author) {
        denyHosts.add(host);
        lines.add(new EffectiveLine(PermissionField.NETWORK_DENY_HOSTS.singular(), host.toString(), author));
    }

    /** What policies deny inside a granted host stays denied: whoever connects is told which rule it was. */
    private void cutOut(HostPattern granted) {
        for (Judge.Denies layer : judge.denies()) {
            layer.denies().network().hosts().stream()
                    .filter(host -> host.overlaps(granted))
                    .forEach(host -> deny(host, layer.policy().toString()));
        }
    }

    /** Only now all that capabilities, mode Learn and the denies of policies add is there to be counted. */
    private void judgeSizes() {
        fits(
                PermissionField.NETWORK_HOSTS,
                hosts.stream(),
                EffectivePermissions.MOST_HOSTS,
                "what capabilities and mode Learn add",
                "Ask for fewer, or for whole domains (*.example.org).");
        fits(
                PermissionField.NETWORK_DENY_HOSTS,
                denyHosts.stream(),
                EffectivePermissions.MOST_DENIED_HOSTS,
                "what policies deny inside its hosts",
                "Deny fewer, or whole domains (*.example.org), in the plugin and in the policies; or ask for fewer hosts.");
        fits(
                PermissionField.EVENTS_PRODUCE,
                produce.stream(),
                EffectivePermissions.MOST_TOPICS,
                "what capabilities and mode Learn add",
                "Ask for fewer, or for all that begin alike (check.*@v1).");
        judgeNetworkSize();
        if (learns) {
            fits(
                    PermissionField.NETWORK_PEERS,
                    Stream.concat(peers.stream(), services.stream()),
                    EffectivePermissions.MOST_KEPT,
                    "network.services",
                    "Ask for fewer, or run it without mode Learn.");
        }
    }

    /** As they are rendered, a rule each, and rather more than less. */
    private void judgeNetworkSize() {
        int rule = 32;
        long size = cidrs.stream()
                        .distinct()
                        .mapToLong(cidr -> rule + cidr.except().size())
                        .sum()
                + peers.stream()
                        .distinct()
                        .mapToLong(peer -> rule + 2 * peer.labels().size())
                        .sum()
                + services.stream()
                        .distinct()
                        .mapToLong(service -> rule
                                + 2 * service.podLabels().size()
                                + 8 * service.ports().size())
                        .sum();
        if (size > EffectivePermissions.MOST_OF_NETWORK) {
            denials.add(new Denial(
                    request.plugin().path() + "." + PermissionField.NETWORK_CIDRS.path(),
                    DenialReason.TooMany,
                    request.plugin().author() + " would have a network policy of " + size
                            + " values, names and brackets, counting the blocks that are denied inside those it asks for, and"
                            + " one holds at most " + EffectivePermissions.MOST_OF_NETWORK,
                    Optional.empty(),
                    "Ask for fewer or smaller blocks; or deny fewer inside them, in the plugin and in the policies."));
        }
    }

    private void fits(PermissionField field, Stream<?> items, int most, String counting, String remedy) {
        long count = items.distinct().count();
        if (count > most) {
            denials.add(new Denial(
                    request.plugin().path() + "." + field.path(),
                    DenialReason.TooMany,
                    request.plugin().author() + " would have " + count + " " + field.path() + ", counting " + counting
                            + ", and a run holds at most " + most,
                    Optional.empty(),
                    remedy));
        }
    }

    private void give(PermissionField field, Grantable item) {
        given.computeIfAbsent(field, f -> new TreeSet<>(Comparator.comparing(Grantable::toString)))
                .add(item);
    }

    private static Map<PermissionField, List<Grantable>> listed(Map<PermissionField, SortedSet<Grantable>> sets) {
        Map<PermissionField, List<Grantable>> lists = new EnumMap<>(PermissionField.class);
        sets.forEach((field, items) -> lists.put(field, List.copyOf(items)));
        return lists;
    }

    private static IllegalStateException refusedEarlier(Ask ask) {
        return new IllegalStateException("no effective permission for " + ask);
    }

    private List<CidrBlock> exceptions(CidrGrant asked) {
        List<CidrBlock> blocks = new ArrayList<>(excepted.blocks());
        for (Judge.Denies layer : judge.denies()) {
            for (CidrGrant deny : layer.denies().network().cidrs()) {
                if (deny.overlaps(asked)) {
                    blocks.add(deny.block());
                }
            }
        }
        return blocks;
    }

    private void resolve(Ask ask, ServiceName service, List<ClusterRule> granting) {
        Map<ServiceDefinition, PolicyId> definitions = new TreeMap<>();
        granting.forEach(rule -> rule.services().stream()
                .filter(definition -> definition.name().equals(service.name()))
                .forEach(definition -> definitions.putIfAbsent(definition, rule.id())));
        if (definitions.size() == 1) {
            services.addAll(definitions.keySet());
            line(ask.field(), service.name(), granting);
            return;
        }
        PolicyId first = granting.getFirst().id();
        String yaml =
                "services: [{name: " + Yaml.quoted(service.name()) + ", namespace: …, podLabels: {…}, ports: […]}]";
        denials.add(
                definitions.isEmpty()
                        ? new Denial(
                                ask.path(),
                                DenialReason.UndefinedService,
                                ask + ", which is granted but nowhere defined",
                                Optional.of(first),
                                Remedy.extending(first, yaml))
                        : new Denial(
                                ask.path(),
                                DenialReason.AmbiguousService,
                                ask + ", which means different pods in "
                                        + definitions.values().stream()
                                                .distinct()
                                                .map(PolicyId::toString)
                                                .collect(Collectors.joining(" and ")),
                                Optional.of(first),
                                "One definition may stay; an administrator must rename or remove the others."));
    }

    private void judgeEnvNames(List<Ask> asks) {
        for (int i = 0; i < request.envNames().size(); i++) {
            String name = request.envNames().get(i);
            if (asks.stream().noneMatch(ask -> ask.item() instanceof EnvPattern env && env.matches(name))) {
                String path = "spec.env[" + i + "].name";
                denials.add(new Ask(
                                PermissionField.ENV,
                                new EnvPattern(name, false),
                                request.plugin().author(),
                                path)
                        .notAsked(DenialReason.EnvNotAsked, "sets " + Yaml.quoted(name)));
            }
        }
    }

    private List<SecretKeys> judgeSecrets(List<Ask> asks) {
        List<SecretKeys> asked = asks.stream()
                .flatMap(ask -> ask.item() instanceof SecretKeys secret ? Stream.of(secret) : Stream.empty())
                .toList();
        NamedSecrets named = NamedSecrets.of(request, asked);
        denials.addAll(named.denials());
        named.secrets()
                .forEach(secret -> line(
                        PermissionField.SECRETS,
                        secret.toString(),
                        tier.stream()
                                .filter(rule ->
                                        rule.grants().secrets().stream().anyMatch(grant -> grant.overlaps(secret)))
                                .toList()));
        return named.secrets();
    }

    private void line(PermissionField field, String value, List<ClusterRule> granting) {
        lines.add(new EffectiveLine(
                field.singular(),
                value,
                granting.stream().map(ClusterRule::source).collect(Collectors.joining(", "))));
    }
}
