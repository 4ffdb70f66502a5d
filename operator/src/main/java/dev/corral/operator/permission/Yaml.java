package dev.corral.operator.permission;

import java.util.Collection;
import java.util.stream.Collectors;

/** Single items of permissions as YAML, to be pasted by people. */
public final class Yaml {
    private Yaml() {}

    public static String item(Grantable item) {
        return item instanceof SecretKeys secret
                ? "{name: " + quoted(secret.name()) + (secret.allKeys() ? "" : ", keys: " + list(secret.keys())) + "}"
                : quoted(item.toString());
    }

    public static String list(Collection<String> texts) {
        return texts.stream().map(Yaml::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Double-quoted; the values have no characters that do not print. */
    public static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
