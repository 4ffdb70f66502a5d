package dev.corral.operator.policy;

import dev.corral.operator.permission.ArtifactPattern;
import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.TopicPattern;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What an execution may do, complete: whatever is not here is shut. {@code learns}: it is watched while it does it. All lists are sorted
 * and free of repetition. {@code given} is the same in the words of the vocabulary, with the capabilities it came by; {@code lines} and
 * {@code refs} explain it and are no part of {@link #hash}.
 */
public record EffectivePermissions(
        List<HostPattern> hosts,
        List<HostPattern> denyHosts,
        List<CidrRule> cidrs,
        List<PeerGrant> peers,
        List<ServiceDefinition> services,
        List<EnvPattern> env,
        List<SecretKeys> secrets,
        List<ArtifactPattern> artifacts,
        List<ClaimPaths> claims,
        FileAccess files,
        List<TopicPattern> produce,
        Limits limits,
        PlacementGrant placement,
        SortedSet<String> pullSecrets,
        SortedSet<String> tolerateUnenforced,
        boolean learns,
        Permissions given,
        List<EffectiveLine> lines,
        List<PolicyId> refs) {

    /** Host names that one run can have: as many as its assignment holds, as with the others below. */
    public static final int MOST_HOSTS = 128;

    public static final int MOST_DENIED_HOSTS = 256;
    public static final int MOST_TOPICS = 64;
    /** Pods and services that a run in mode Learn can have. */
    public static final int MOST_KEPT = 128;

    /**
     * Values, names and brackets that address blocks with all that is denied inside them, pods and services can have in a network policy: of
     * one that has more than 32 768 not all is read, whoever wrote it.
     */
    public static final int MOST_OF_NETWORK = 30 * 1024;

    /** Grants nothing: no network, no names, default limits, any node. */
    public static final EffectivePermissions NOTHING = new EffectivePermissions(
            List.of(), // hosts
            List.of(), // denyHosts
            List.of(), // cidrs
            List.of(), // peers
            List.of(), // services
            List.of(), // env
            List.of(), // secrets
            List.of(), // artifacts
            List.of(), // claims
            FileAccess.UNRESTRICTED, // of its own files, which are all it has
            List.of(), // produce
            Limits.DEFAULTS,
            PlacementGrant.ANYWHERE,
            Collections.emptySortedSet(), // pullSecrets
            Collections.emptySortedSet(), // tolerateUnenforced
            false, // learns
            Permissions.NONE,
            List.of(), // lines
            List.of()); // refs

    public EffectivePermissions {
        hosts = sorted(hosts);
        denyHosts = sorted(denyHosts);
        cidrs = sorted(cidrs);
        peers = sorted(peers);
        services = sorted(services);
        env = sorted(env);
        secrets = sorted(secrets);
        artifacts = sorted(artifacts);
        claims = sorted(claims);
        produce = sorted(produce);
        pullSecrets = Collections.unmodifiableSortedSet(new TreeSet<>(pullSecrets));
        tolerateUnenforced = Collections.unmodifiableSortedSet(new TreeSet<>(tolerateUnenforced));
        lines = sorted(lines);
        refs = sorted(refs);
        if (secrets.stream().anyMatch(SecretKeys::allKeys)) {
            throw new IllegalArgumentException("a Secret without named keys is effective");
        }
    }

    private static <T extends Comparable<T>> List<T> sorted(Collection<T> items) {
        return items.stream().sorted().distinct().toList();
    }

    /** The same with these services, within these limits, on the nodes meant, with images pulled with these Secrets. */
    public EffectivePermissions withServices(
            List<ServiceDefinition> granted, Limits within, PlacementGrant on, SortedSet<String> pulledWith) {
        return new EffectivePermissions(
                hosts,
                denyHosts,
                cidrs,
                peers,
                granted,
                env,
                secrets,
                artifacts,
                claims,
                files,
                produce,
                within,
                on,
                pulledWith,
                tolerateUnenforced,
                learns,
                given,
                lines,
                refs);
    }

    /** What to keep of it, so that it can be told later whether it is still granted. */
    public Given record() {
        return Given.of(this);
    }

    /** SHA-256 over everything that shapes the pod: the same hash always gives the same pod, whatever order it was written in. */
    public String hash() {
        CanonicalText text = new CanonicalText();
        hosts.forEach(host -> text.add("host", host.toString()));
        denyHosts.forEach(host -> text.add("denyHost", host.toString()));
        cidrs.forEach(rule -> text.add("cidr", rule.toString()));
        peers.forEach(peer -> text.add("peer", peer.toString()));
        services.forEach(service -> {
            text.add("service", service.name(), service.namespace());
            service.podLabels().forEach((key, value) -> text.add("service.label", key, value));
            service.ports().stream().map(Ports::toString).forEach(ports -> text.add("service.ports", ports));
        });
        env.forEach(pattern -> text.add("env", pattern.toString()));
        secrets.forEach(secret -> secret.keys().forEach(key -> text.add("secret", secret.name(), key)));
        artifacts.forEach(pattern -> text.add("artifact", pattern.toString()));
        claims.forEach(paths -> text.add("claim", paths.toString()));
        files.describe(text);
        produce.forEach(topic -> text.add("produce", topic.toString()));
        given.capabilities().forEach(capability -> text.add("capability", capability.name()));
        for (LimitField field : LimitField.values()) {
            limits.get(field).ifPresent(value -> text.add(field.path(), Long.toString(value)));
        }
        placement.nodeSelector().forEach((key, value) -> text.add("node", key, value));
        placement
                .tolerations()
                .forEach(t -> text.add(
                        "toleration",
                        t.key(),
                        t.value().map(value -> "=" + value).orElse("*"),
                        t.effect().orElse("*")));
        placement.priorityClass().ifPresent(name -> text.add("priorityClass", name));
        placement.runtimeClass().ifPresent(name -> text.add("runtimeClass", name));
        placement.waitingCpuMillis().ifPresent(millis -> text.add("waitingCPU", Long.toString(millis)));
        pullSecrets.forEach(name -> text.add("pullSecret", name));
        tolerateUnenforced.forEach(name -> text.add("tolerateUnenforced", name));
        if (learns) {
            text.add("learns", "true");
        }
        return text.sha256();
    }
}
