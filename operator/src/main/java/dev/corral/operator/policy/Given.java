package dev.corral.operator.policy;

import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.Permissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a run was given, as it is kept with its pod: {@code permissions}, the address rules with their exceptions, what the names of
 * services meant, and what was taken away of files and programs, all as text. Asked for again, it must be granted again; else it was revoked.
 */
public record Given(Permissions permissions, List<String> cidrs, List<String> services, List<String> denies) {
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
                effective.files().denies());
    }

    /** One line of YAML; the same permissions always give the same text. */
    public String text() {
        return "{permissions: " + Remedy.yaml(permissions) + ", cidrs: " + Remedy.list(cidrs) + ", services: "
                + Remedy.list(services) + (denies.isEmpty() ? "" : ", denies: " + Remedy.list(denies)) + "}";
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
        now.files().denies().stream()
                .filter(deny -> !denies.contains(deny))
                .forEach(deny -> missing.add("what is denied now: " + deny));
        return missing;
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
