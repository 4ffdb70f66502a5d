package dev.corral.operator.policy;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a run was given, as it is kept with its pod: {@code permissions}, the address rules with their exceptions, what the names of
 * services meant, and what was taken away of files, programs and hosts, all as text. Asked for again, it must be granted again; else it was revoked.
 */
public record Given(Permissions permissions, List<String> cidrs, List<String> services, List<String> denies) {
    private static final String DENIED_HOST = "network.denyHosts ";
    private static final String EXCEPT = " except ";

    public Given {
        cidrs = List.copyOf(cidrs);
        services = List.copyOf(services);
        denies = List.copyOf(denies);
    }

    static Given of(EffectivePermissions effective) {
        return new Given(
                effective.given(),
                effective.cidrs().stream().map(CidrRule::toString).toList(),
                effective.services().stream().map(ServiceDefinition::toString).toList(),
                Stream.concat(
                                effective.files().denies().stream(),
                                deniedHosts(effective).filter(line -> !ofItself(effective.given(), line)))
                        .toList());
    }

    /** One line of YAML; the same permissions always give the same text. */
    public String text() {
        return "{permissions: " + Remedy.yaml(permissions) + ", cidrs: " + Yaml.list(cidrs) + ", services: "
                + Yaml.list(services) + (denies.isEmpty() ? "" : ", denies: " + Yaml.list(denies)) + "}";
    }

    /** What of it is missing from what the policies would let it have now; limits do not count. */
    public List<String> missingFrom(EffectivePermissions now) {
        List<String> missing = new ArrayList<>();
        List<String> rules = now.cidrs().stream().map(CidrRule::toString).toList();
        cidrs.stream()
                .filter(given -> rules.stream().noneMatch(rule -> opens(rule, given)))
                .forEach(given -> missing.add("network.cidrs " + given));
        List<String> definitions =
                now.services().stream().map(ServiceDefinition::toString).toList();
        services.stream()
                .filter(given -> !definitions.contains(given))
                .forEach(given -> missing.add("network.services " + given));
        Stream.concat(now.files().denies().stream(), deniedHosts(now))
                .filter(deny -> !denies.contains(deny) && !ofItself(permissions, deny))
                .forEach(deny -> missing.add("what is denied now: " + deny));
        return missing;
    }

    private static Stream<String> deniedHosts(EffectivePermissions effective) {
        return effective.denyHosts().stream().map(host -> DENIED_HOST + host);
    }

    /** What the plugin or the execution denied is among what is asked for again. */
    private static boolean ofItself(Permissions permissions, String line) {
        return permissions.network().denyHosts().stream().anyMatch(host -> line.equals(DENIED_HOST + host));
    }

    /** The same block with no exception that was not there: a hole that has closed is no loss. */
    private static boolean opens(String now, String given) {
        List<CidrBlock> known = exceptions(given);
        return grant(now).equals(grant(given))
                && exceptions(now).stream().allMatch(block -> known.stream().anyMatch(other -> other.contains(block)));
    }

    private static String grant(String rule) {
        int except = rule.indexOf(EXCEPT);
        return except < 0 ? rule : rule.substring(0, except);
    }

    private static List<CidrBlock> exceptions(String rule) {
        int except = rule.indexOf(EXCEPT);
        return except < 0
                ? List.of()
                : Stream.of(rule.substring(except + EXCEPT.length()).split(" "))
                        .map(CidrBlock::of)
                        .toList();
    }
}
