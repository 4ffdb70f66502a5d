package dev.corral.operator.permission;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of environment variables: one ({@code LANG}), those with a prefix ({@code CHECK_*}) or all but the reserved ({@code *}). */
public record EnvPattern(String prefix, boolean wildcard) implements Grantable, Comparable<EnvPattern> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

    // They decide which code a runtime loads, where traffic goes or what the platform says about itself. Compared
    // without
    // regard to case: some runtimes read them so, and nobody needs a twin.
    private static final List<String> RESERVED_PREFIXES = List.of("LD_", "PYTHON", "KUBERNETES_", "CORRAL_");
    private static final List<String> RESERVED_SUFFIXES = List.of("_PROXY");
    private static final Set<String> RESERVED_NAMES = Set.of(
            "NODE_OPTIONS",
            "JAVA_TOOL_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "_JAVA_OPTIONS",
            "BASH_ENV",
            "SHELLOPTS",
            "PERL5OPT",
            "PERL5LIB",
            "RUBYOPT",
            "RUBYLIB",
            "GLIBC_TUNABLES",
            "GCONV_PATH",
            "PATH",
            "HOME",
            "TMPDIR");

    public EnvPattern {
        if (!(wildcard && prefix.isEmpty()) && !NAME.matcher(prefix).matches()) {
            throw new IllegalArgumentException("variable " + prefix);
        }
        if (wildcard ? onlyReserved(prefix) : isReserved(prefix)) {
            throw new IllegalArgumentException("reserved variable " + prefix);
        }
    }

    public static Parsed<EnvPattern> parse(String text, String path) {
        boolean wildcard = text.endsWith("*");
        String prefix = wildcard ? text.substring(0, text.length() - 1) : text;
        if (!(wildcard && prefix.isEmpty()) && !isName(prefix)) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text) + " names no variable; write LANG, or CHECK_* for those that begin so");
        }
        if (wildcard ? onlyReserved(prefix) : isReserved(prefix)) {
            return Parsed.malformed(
                    path,
                    ViolationReason.ReservedEnv,
                    Text.quoted(text) + " is reserved and never passed to a plugin; choose another name");
        }
        return Parsed.value(new EnvPattern(prefix, wildcard));
    }

    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether no execution may set this variable, whatever policies say. */
    public static boolean isReserved(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return RESERVED_NAMES.contains(upper)
                || RESERVED_PREFIXES.stream().anyMatch(upper::startsWith)
                || RESERVED_SUFFIXES.stream().anyMatch(upper::endsWith);
    }

    private static boolean onlyReserved(String prefix) {
        String upper = prefix.toUpperCase(Locale.ROOT);
        return RESERVED_PREFIXES.stream().anyMatch(upper::startsWith);
    }

    /** Whether a variable of this name is meant; reserved names never are. */
    public boolean matches(String name) {
        return isName(name) && !isReserved(name) && (wildcard ? name.startsWith(prefix) : name.equals(prefix));
    }

    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof EnvPattern other
                && (wildcard ? other.prefix.startsWith(prefix) : !other.wildcard && prefix.equals(other.prefix));
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof EnvPattern other && (covers(other) || other.covers(this));
    }

    @Override
    public int compareTo(EnvPattern other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return wildcard ? prefix + "*" : prefix;
    }
}
