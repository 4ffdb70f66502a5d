package dev.corral.operator.permission;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Keys of one Secret of the execution's namespace; no keys stands for all of them. */
public record SecretKeys(String name, SortedSet<String> keys) implements Grantable, Comparable<SecretKeys> {
    // the key becomes a file name; Kubernetes itself refuses names that begin with two dots
    private static final Pattern KEY = Pattern.compile("(?!\\.$|\\.\\.)[-._a-zA-Z0-9]{1,253}");

    public SecretKeys {
        if (!Labels.isObjectName(name) || !keys.stream().allMatch(SecretKeys::isKey)) {
            throw new IllegalArgumentException("secret " + name + " " + keys);
        }
        keys = Collections.unmodifiableSortedSet(new TreeSet<>(keys));
    }

    public static SecretKeys of(String name, String... keys) {
        return new SecretKeys(name, new TreeSet<>(Set.of(keys)));
    }

    public static Parsed<SecretKeys> parse(String name, List<String> keys, String path) {
        if (!Labels.isObjectName(name)) {
            return Parsed.malformed(
                    path + ".name",
                    ViolationReason.Malformed,
                    Text.quoted(name) + " is no Secret name; write the name of a Secret of this namespace");
        }
        for (int i = 0; i < keys.size(); i++) {
            if (!isKey(keys.get(i))) {
                return Parsed.malformed(
                        path + ".keys[" + i + "]",
                        ViolationReason.Malformed,
                        Text.quoted(keys.get(i)) + " is no key of a Secret; letters, digits, -, _ and .");
            }
        }
        return Parsed.value(new SecretKeys(name, new TreeSet<>(keys)));
    }

    private static boolean isKey(String key) {
        return KEY.matcher(key).matches();
    }

    /** Whether every key there will ever be is meant. */
    public boolean allKeys() {
        return keys.isEmpty();
    }

    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof SecretKeys(String other, SortedSet<String> asked)
                && name.equals(other)
                && (allKeys() || !asked.isEmpty() && keys.containsAll(asked));
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof SecretKeys(String other, SortedSet<String> asked)
                && name.equals(other)
                && (allKeys() || asked.isEmpty() || !Collections.disjoint(keys, asked));
    }

    @Override
    public int compareTo(SecretKeys other) {
        int byName = name.compareTo(other.name);
        return byName != 0 ? byName : keys.toString().compareTo(other.keys.toString());
    }

    @Override
    public String toString() {
        return allKeys() ? name : name + keys;
    }
}
