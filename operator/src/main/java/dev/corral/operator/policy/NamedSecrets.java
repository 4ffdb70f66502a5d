package dev.corral.operator.policy;

import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The Secrets an execution names, each with explicit keys and within what the plugin asks for; others are not mounted. */
record NamedSecrets(List<SecretKeys> secrets, List<Denial> denials) {
    NamedSecrets {
        secrets = List.copyOf(secrets);
        denials = List.copyOf(denials);
    }

    static NamedSecrets of(Request request, List<SecretKeys> asked) {
        Map<String, SortedSet<String>> keysByName = new TreeMap<>();
        List<Denial> denials = new ArrayList<>();
        for (int i = 0; i < request.secrets().size(); i++) {
            SecretKeys named = request.secrets().get(i);
            String path = "spec.secrets[" + i + "]";
            SortedSet<String> keys = named.allKeys() ? askedKeys(named.name(), asked) : named.keys();
            if (keys.isEmpty() && asked.stream().anyMatch(named::overlaps)) {
                denials.add(unnamed(path, named.name()));
            } else if (keys.isEmpty()) {
                denials.add(notAsked(request, path, named));
            }
            for (String key : keys) {
                SecretKeys single = SecretKeys.of(named.name(), key);
                if (asked.stream().anyMatch(ask -> ask.covers(single))) {
                    keysByName
                            .computeIfAbsent(named.name(), name -> new TreeSet<>())
                            .add(key);
                } else {
                    denials.add(notAsked(request, path, single));
                }
            }
        }
        List<SecretKeys> secrets = new ArrayList<>();
        keysByName.forEach((name, keys) -> secrets.add(new SecretKeys(name, keys)));
        return new NamedSecrets(secrets, denials);
    }

    /** The keys the plugin itself names; none where it asks for the whole Secret, whose keys nobody here can know. */
    private static SortedSet<String> askedKeys(String name, List<SecretKeys> asked) {
        SortedSet<String> keys = new TreeSet<>();
        for (SecretKeys ask : asked) {
            if (ask.name().equals(name) && ask.allKeys()) {
                return new TreeSet<>();
            }
            if (ask.name().equals(name)) {
                keys.addAll(ask.keys());
            }
        }
        return keys;
    }

    private static Denial unnamed(String path, String name) {
        return new Denial(
                path,
                DenialReason.SecretKeysUnnamed,
                "PluginExecution names no keys of Secret " + Yaml.quoted(name) + ", and neither does the plugin",
                Optional.empty(),
                "Name them with: secrets: [{name: " + Yaml.quoted(name) + ", keys: […]}]");
    }

    private static Denial notAsked(Request request, String path, SecretKeys secret) {
        return new Ask(PermissionField.SECRETS, secret, request.plugin().author(), path)
                .notAsked(DenialReason.SecretNotAsked, "names Secret " + Yaml.quoted(secret.toString()));
    }
}
