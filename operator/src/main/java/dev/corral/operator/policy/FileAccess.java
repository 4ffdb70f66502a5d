package dev.corral.operator.policy;

import dev.corral.operator.permission.PathGlob;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What of the container's file system a handler may use. An absent list leaves the built-in rule: the image is readable and its
 * programs executable, {@code /work} and {@code /dev/shm} are writable. Denies hold whatever the other lists say.
 */
public record FileAccess(
        Optional<List<PathGlob>> read,
        Optional<List<PathGlob>> write,
        List<PathGlob> deny,
        List<PathGlob> denyWrite,
        Optional<List<PathGlob>> commands,
        List<PathGlob> denyCommands) {

    /** The built-in rule alone. */
    public static final FileAccess UNRESTRICTED =
            new FileAccess(Optional.empty(), Optional.empty(), List.of(), List.of(), Optional.empty(), List.of());

    public FileAccess {
        read = read.map(FileAccess::sorted);
        write = write.map(FileAccess::sorted);
        deny = sorted(deny);
        denyWrite = sorted(denyWrite);
        commands = commands.map(FileAccess::sorted);
        denyCommands = sorted(denyCommands);
    }

    private static List<PathGlob> sorted(Collection<PathGlob> globs) {
        return globs.stream().sorted().distinct().toList();
    }

    public boolean restrictsFiles() {
        return read.isPresent() || write.isPresent() || !deny.isEmpty() || !denyWrite.isEmpty();
    }

    public boolean restrictsCommands() {
        return commands.isPresent() || !denyCommands.isEmpty();
    }

    /** All that is taken away, a line for each. */
    List<String> denies() {
        return Stream.of(
                        deny.stream().map(glob -> "files.deny " + glob),
                        denyWrite.stream().map(glob -> "files.denyWrite " + glob),
                        denyCommands.stream().map(glob -> "commands.deny " + glob))
                .flatMap(lines -> lines)
                .toList();
    }

    void describe(CanonicalText text) {
        read.ifPresent(globs -> describe(text, "files.read", globs));
        write.ifPresent(globs -> describe(text, "files.write", globs));
        deny.forEach(glob -> text.add("files.deny", glob.toString()));
        denyWrite.forEach(glob -> text.add("files.denyWrite", glob.toString()));
        commands.ifPresent(globs -> describe(text, "commands", globs));
        denyCommands.forEach(glob -> text.add("commands.deny", glob.toString()));
    }

    /** An empty list is something else than none. */
    private static void describe(CanonicalText text, String what, List<PathGlob> globs) {
        text.add(what);
        globs.forEach(glob -> text.add(what, glob.toString()));
    }
}
