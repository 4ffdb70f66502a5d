package dev.corral.operator.spec;

import dev.corral.api.v1alpha1.ArtifactPermissions;
import dev.corral.api.v1alpha1.EventPermissions;
import dev.corral.api.v1alpha1.FilePermissions;
import dev.corral.api.v1alpha1.Limits;
import dev.corral.api.v1alpha1.NetworkPermissions;
import dev.corral.api.v1alpha1.SecretPermission;
import dev.corral.api.v1alpha1.StatePermissions;
import dev.corral.operator.permission.ArtifactPattern;
import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.Durations;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Quantity;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Section;
import dev.corral.operator.permission.ServiceName;
import dev.corral.operator.permission.TopicPattern;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.permission.Word;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** One {@code permissions}, {@code grants}, {@code limitTo} or {@code denies} of an object. Used once per section of an object. */
final class PermissionReader {
    /** What the section is for; not every field has a meaning everywhere. */
    enum Purpose {
        ASK,
        GRANT,
        DENY
    }

    private final Purpose purpose;
    private final String path;
    private final Findings findings;
    private final Map<PermissionField, List<? extends Grantable>> items = new EnumMap<>(PermissionField.class);

    private PermissionReader(Purpose purpose, String path, Findings findings) {
        this.purpose = purpose;
        this.path = path;
        this.findings = findings;
    }

    static Permissions read(
            dev.corral.api.v1alpha1.@Nullable Permissions written, Purpose purpose, String path, Findings findings) {
        return written == null ? Permissions.NONE : new PermissionReader(purpose, path, findings).read(written);
    }

    /** The sections that are written, be they empty. */
    static Set<Section> stated(dev.corral.api.v1alpha1.@Nullable Permissions written) {
        Set<Section> stated = EnumSet.noneOf(Section.class);
        if (written != null) {
            Object[] sections = {
                written.files(), written.network(), written.env(), written.secrets(), written.commands(),
                written.invoke(), written.artifacts(), written.events(), written.state(), written.capabilities(),
                written.limits()
            };
            for (Section section : Section.values()) {
                if (sections[section.ordinal()] != null) {
                    stated.add(section);
                }
            }
        }
        return stated;
    }

    private Permissions read(dev.corral.api.v1alpha1.Permissions written) {
        files(written.files());
        network(written.network());
        list(PermissionField.ENV, written.env(), EnvPattern::parse);
        list(PermissionField.SECRETS, written.secrets(), this::secret);
        list(PermissionField.COMMANDS, written.commands(), PathGlob::parseCommand);
        list(PermissionField.INVOKE, written.invoke(), Word::parse);
        ArtifactPermissions artifacts = written.artifacts();
        list(PermissionField.ARTIFACTS_READ, artifacts == null ? null : artifacts.read(), ArtifactPattern::parse);
        EventPermissions events = written.events();
        list(PermissionField.EVENTS_PRODUCE, events == null ? null : events.produce(), TopicPattern::parse);
        list(PermissionField.EVENTS_CONSUME, events == null ? null : events.consume(), TopicPattern::parse);
        StatePermissions state = written.state();
        list(PermissionField.STATE_READ, state == null ? null : state.read(), Word::parse);
        list(PermissionField.STATE_WRITE, state == null ? null : state.write(), Word::parse);
        list(PermissionField.CAPABILITIES, written.capabilities(), CapabilityName::parse);
        return Permissions.of(items, limits(written.limits()));
    }

    private void files(@Nullable FilePermissions files) {
        if (files != null) {
            list(PermissionField.FILES_READ, files.read(), PathGlob::parse);
            list(PermissionField.FILES_WRITE, files.write(), PathGlob::parse);
            list(PermissionField.FILES_DENY, files.deny(), PathGlob::parse);
            list(PermissionField.FILES_CLAIMS, files.claims(), ClaimPaths::parse);
        }
    }

    private void network(@Nullable NetworkPermissions network) {
        if (network != null) {
            boolean deny = purpose == Purpose.DENY;
            list(PermissionField.NETWORK_HOSTS, network.hosts(), deny ? HostPattern::parseDeny : HostPattern::parse);
            list(PermissionField.NETWORK_DENY_HOSTS, network.denyHosts(), HostPattern::parseDeny);
            list(PermissionField.NETWORK_CIDRS, network.cidrs(), deny ? CidrGrant::parseDeny : CidrGrant::parse);
            list(PermissionField.NETWORK_PEERS, network.peers(), deny ? PeerGrant::parseDeny : PeerGrant::parse);
            list(PermissionField.NETWORK_SERVICES, network.services(), ServiceName::parse);
        }
    }

    private <S, T extends Grantable> void list(
            PermissionField field, @Nullable List<S> written, BiFunction<S, String, Parsed<T>> parser) {
        String fieldPath = path + "." + field.path();
        if (field.restricts() && purpose != Purpose.ASK && written != null && !written.isEmpty()) {
            findings.add(
                    fieldPath,
                    ViolationReason.Contradiction,
                    "a policy says what it denies under denies: write it there, without deny in the name");
            return;
        }
        items.put(field, findings.each(written, fieldPath, parser));
    }

    private Parsed<SecretKeys> secret(SecretPermission written, String entryPath) {
        return secretKeys(written, entryPath);
    }

    static Parsed<SecretKeys> secretKeys(SecretPermission written, String entryPath) {
        if (written.name() == null) {
            return Parsed.malformed(entryPath + ".name", ViolationReason.Missing, "is required");
        }
        List<String> keys = written.keys() == null ? List.of() : written.keys();
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i) == null) {
                return Parsed.malformed(
                        entryPath + ".keys[" + i + "]",
                        ViolationReason.Missing,
                        "is empty; write a value or remove the entry");
            }
        }
        return SecretKeys.parse(written.name(), keys, entryPath);
    }

    private Budget limits(@Nullable Limits written) {
        Budget budget = Budget.UNLIMITED;
        if (written == null) {
            return budget;
        }
        if (purpose == Purpose.DENY) {
            findings.add(
                    path + ".limits",
                    ViolationReason.Contradiction,
                    "a limit is no deny; write it under grants or limitTo");
            return budget;
        }
        budget = limit(budget, LimitField.TIMEOUT, written.timeout(), Durations::parse);
        budget = limit(budget, LimitField.MEMORY, written.memory(), Quantity::bytes);
        budget = limit(budget, LimitField.CPU, written.cpu(), Quantity::cpuMillis);
        budget = limit(budget, LimitField.CPU_TIME, written.cpuTime(), Durations::parse);
        budget = limit(budget, LimitField.DISK, written.disk(), Quantity::bytes);
        budget = limit(budget, LimitField.PROCESSES, written.processes(), (count, at) -> count(count, at, 1));
        budget = limit(budget, LimitField.OUTPUT, written.output(), Quantity::bytes);
        return limit(budget, LimitField.EVENTS, written.events(), (count, at) -> count(count, at, 0));
    }

    private <S> Budget limit(
            Budget budget, LimitField field, @Nullable S written, BiFunction<S, String, Parsed<Long>> parser) {
        if (written == null) {
            return budget;
        }
        return findings.take(parser.apply(written, path + "." + field.path()))
                .map(value -> budget.with(field, value))
                .orElse(budget);
    }

    private static Parsed<Long> count(Integer count, String at, int least) {
        return count < least
                ? Parsed.malformed(at, ViolationReason.OutOfRange, count + " is too small; write at least " + least)
                : Parsed.value(count.longValue());
    }
}
