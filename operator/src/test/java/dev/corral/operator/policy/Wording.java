package dev.corral.operator.policy;

import dev.corral.operator.permission.ArtifactPattern;
import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.ServiceName;
import dev.corral.operator.permission.TopicPattern;
import dev.corral.operator.permission.Word;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Permissions in the words of the YAML: {@code all(cidrs("203.0.113.10/32:80"), env("LANG"))}. */
final class Wording {
    /** One list of one section, or some limits. */
    record Entry(Map<PermissionField, List<? extends Grantable>> items, Budget limits) {}

    private Wording() {}

    static Permissions all(Entry... entries) {
        Map<PermissionField, List<Grantable>> items = new EnumMap<>(PermissionField.class);
        Budget limits = Budget.UNLIMITED;
        for (Entry entry : entries) {
            entry.items.forEach((field, list) ->
                    items.computeIfAbsent(field, f -> new ArrayList<>()).addAll(list));
            limits = both(limits, entry.limits);
        }
        return Permissions.of(items, limits);
    }

    /** Field by field the smaller. */
    private static Budget both(Budget one, Budget other) {
        Budget smallest = one;
        for (LimitField field : LimitField.values()) {
            OptionalLong theirs = other.get(field);
            if (theirs.isPresent() && theirs.getAsLong() < one.get(field).orElse(Long.MAX_VALUE)) {
                smallest = smallest.with(field, theirs.getAsLong());
            }
        }
        return smallest;
    }

    /** What the same text says under {@code denies}, where no limits are. */
    static Permissions denied(Permissions written) {
        Map<PermissionField, List<Grantable>> items = Changes.lists(written);
        items.computeIfPresent(PermissionField.NETWORK_CIDRS, (field, list) -> denied(list, CidrGrant::parseDeny));
        items.computeIfPresent(PermissionField.NETWORK_PEERS, (field, list) -> denied(list, PeerGrant::parseDeny));
        return Permissions.of(items, Budget.UNLIMITED);
    }

    private static List<Grantable> denied(
            List<Grantable> items, BiFunction<String, String, ? extends Parsed<? extends Grantable>> parser) {
        List<Grantable> denied = new ArrayList<>();
        items.forEach(item -> denied.add(parser.apply(item.toString(), "").orElseThrow()));
        return denied;
    }

    static Entry cidrs(String... texts) {
        return list(PermissionField.NETWORK_CIDRS, CidrGrant::parse, texts);
    }

    static Entry peers(String... texts) {
        return list(PermissionField.NETWORK_PEERS, PeerGrant::parse, texts);
    }

    static Entry services(String... texts) {
        return list(PermissionField.NETWORK_SERVICES, ServiceName::parse, texts);
    }

    static Entry env(String... texts) {
        return list(PermissionField.ENV, EnvPattern::parse, texts);
    }

    static Entry hosts(String... texts) {
        return list(PermissionField.NETWORK_HOSTS, HostPattern::parse, texts);
    }

    static Entry denyHosts(String... texts) {
        return list(PermissionField.NETWORK_DENY_HOSTS, HostPattern::parseDeny, texts);
    }

    static Entry claims(String... texts) {
        return list(PermissionField.FILES_CLAIMS, ClaimPaths::parse, texts);
    }

    static Entry artifacts(String... texts) {
        return list(PermissionField.ARTIFACTS_READ, ArtifactPattern::parse, texts);
    }

    static Entry capabilities(String... texts) {
        return list(PermissionField.CAPABILITIES, CapabilityName::parse, texts);
    }

    static Entry produce(String... texts) {
        return list(PermissionField.EVENTS_PRODUCE, TopicPattern::parse, texts);
    }

    static Entry files(PermissionField field, String... globs) {
        return list(field, PathGlob::parse, globs);
    }

    static Entry secret(String name, String... keys) {
        return new Entry(Map.of(PermissionField.SECRETS, List.of(SecretKeys.of(name, keys))), Budget.UNLIMITED);
    }

    static Entry limit(LimitField field, long value) {
        return new Entry(Map.of(), Budget.UNLIMITED.with(field, value));
    }

    /** Something of this field, whatever its type. */
    static Entry something(PermissionField field) {
        Grantable item = switch (field) {
            case FILES_READ, FILES_WRITE, FILES_DENY ->
                PathGlob.parse("/work/**", "").orElseThrow();
            case FILES_CLAIMS -> ClaimPaths.parse("datasets/public/**", "").orElseThrow();
            case NETWORK_HOSTS, NETWORK_DENY_HOSTS ->
                HostPattern.parse("api.example.org", "").orElseThrow();
            case NETWORK_CIDRS -> CidrGrant.parse("203.0.113.0/24:443", "").orElseThrow();
            case NETWORK_PEERS -> PeerGrant.parse("app=db:5432", "").orElseThrow();
            case NETWORK_SERVICES -> new ServiceName("orders-db");
            case ENV -> new EnvPattern("LANG", false);
            case SECRETS -> SecretKeys.of("token", "key");
            case EVENTS_PRODUCE, EVENTS_CONSUME ->
                TopicPattern.parse("check.*@v1", "").orElseThrow();
            case ARTIFACTS_READ -> new ArtifactPattern("collect", "report");
            case COMMANDS -> PathGlob.parseCommand("/app/check", "").orElseThrow();
            case INVOKE, STATE_READ, STATE_WRITE -> new Word("word");
            case CAPABILITIES -> new CapabilityName("browser");
        };
        return new Entry(Map.of(field, List.of(item)), Budget.UNLIMITED);
    }

    private static Entry list(
            PermissionField field,
            BiFunction<String, String, ? extends Parsed<? extends Grantable>> parser,
            String... texts) {
        return new Entry(
                Map.of(
                        field,
                        Stream.of(texts)
                                .<Grantable>map(text -> parser.apply(text, "").orElseThrow())
                                .toList()),
                Budget.UNLIMITED);
    }
}
