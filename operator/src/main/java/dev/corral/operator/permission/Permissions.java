package dev.corral.operator.permission;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * All sections of the vocabulary as one layer writes them; absent is empty. Every list keeps its author's order, because the index
 * is part of the path a message names; nothing else depends on it.
 */
public record Permissions(
        Files files,
        Network network,
        List<EnvPattern> env,
        List<SecretKeys> secrets,
        List<PathGlob> commands,
        List<Word> invoke,
        List<ArtifactPattern> artifactsRead,
        Events events,
        State state,
        List<CapabilityName> capabilities,
        Budget limits) {

    /** Paths of the container's file system, and of claims. */
    public record Files(List<PathGlob> read, List<PathGlob> write, List<PathGlob> deny, List<ClaimPaths> claims) {
        public Files {
            read = List.copyOf(read);
            write = List.copyOf(write);
            deny = List.copyOf(deny);
            claims = List.copyOf(claims);
        }
    }

    /** Where a handler may connect to. */
    public record Network(
            List<HostPattern> hosts,
            List<HostPattern> denyHosts,
            List<CidrGrant> cidrs,
            List<PeerGrant> peers,
            List<ServiceName> services) {
        public Network {
            hosts = List.copyOf(hosts);
            denyHosts = List.copyOf(denyHosts);
            cidrs = List.copyOf(cidrs);
            peers = List.copyOf(peers);
            services = List.copyOf(services);
        }
    }

    /** Topics a handler may emit and receive. */
    public record Events(List<TopicPattern> produce, List<TopicPattern> consume) {
        public Events {
            produce = List.copyOf(produce);
            consume = List.copyOf(consume);
        }
    }

    /** Key spaces of plugin state. */
    public record State(List<Word> read, List<Word> write) {
        public State {
            read = List.copyOf(read);
            write = List.copyOf(write);
        }
    }

    public static final Permissions NONE = of(Map.of(), Budget.UNLIMITED);

    public Permissions {
        env = List.copyOf(env);
        secrets = List.copyOf(secrets);
        commands = List.copyOf(commands);
        invoke = List.copyOf(invoke);
        artifactsRead = List.copyOf(artifactsRead);
        capabilities = List.copyOf(capabilities);
    }

    /** From lists by field. A list of another field's type is a mistake of the caller and throws. */
    public static Permissions of(Map<PermissionField, ? extends List<? extends Grantable>> items, Budget limits) {
        return new Permissions(
                new Files(
                        typed(items, PermissionField.FILES_READ, PathGlob.class),
                        typed(items, PermissionField.FILES_WRITE, PathGlob.class),
                        typed(items, PermissionField.FILES_DENY, PathGlob.class),
                        typed(items, PermissionField.FILES_CLAIMS, ClaimPaths.class)),
                new Network(
                        typed(items, PermissionField.NETWORK_HOSTS, HostPattern.class),
                        typed(items, PermissionField.NETWORK_DENY_HOSTS, HostPattern.class),
                        typed(items, PermissionField.NETWORK_CIDRS, CidrGrant.class),
                        typed(items, PermissionField.NETWORK_PEERS, PeerGrant.class),
                        typed(items, PermissionField.NETWORK_SERVICES, ServiceName.class)),
                typed(items, PermissionField.ENV, EnvPattern.class),
                typed(items, PermissionField.SECRETS, SecretKeys.class),
                typed(items, PermissionField.COMMANDS, PathGlob.class),
                typed(items, PermissionField.INVOKE, Word.class),
                typed(items, PermissionField.ARTIFACTS_READ, ArtifactPattern.class),
                new Events(
                        typed(items, PermissionField.EVENTS_PRODUCE, TopicPattern.class),
                        typed(items, PermissionField.EVENTS_CONSUME, TopicPattern.class)),
                new State(
                        typed(items, PermissionField.STATE_READ, Word.class),
                        typed(items, PermissionField.STATE_WRITE, Word.class)),
                typed(items, PermissionField.CAPABILITIES, CapabilityName.class),
                limits);
    }

    private static <T extends Grantable> List<T> typed(
            Map<PermissionField, ? extends List<? extends Grantable>> items, PermissionField field, Class<T> type) {
        List<T> typed = new ArrayList<>();
        List<? extends Grantable> listed = items.get(field);
        if (listed != null) {
            listed.forEach(item -> typed.add(type.cast(item)));
        }
        return typed;
    }

    /** The list of one field, in its author's order. */
    public List<? extends Grantable> items(PermissionField field) {
        return switch (field) {
            case FILES_READ -> files.read;
            case FILES_WRITE -> files.write;
            case FILES_DENY -> files.deny;
            case FILES_CLAIMS -> files.claims;
            case NETWORK_HOSTS -> network.hosts;
            case NETWORK_DENY_HOSTS -> network.denyHosts;
            case NETWORK_CIDRS -> network.cidrs;
            case NETWORK_PEERS -> network.peers;
            case NETWORK_SERVICES -> network.services;
            case ENV -> env;
            case SECRETS -> secrets;
            case COMMANDS -> commands;
            case INVOKE -> invoke;
            case ARTIFACTS_READ -> artifactsRead;
            case EVENTS_PRODUCE -> events.produce;
            case EVENTS_CONSUME -> events.consume;
            case STATE_READ -> state.read;
            case STATE_WRITE -> state.write;
            case CAPABILITIES -> capabilities;
        };
    }
}
