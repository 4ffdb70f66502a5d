package dev.corral.operator.learn;

import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.PathGlob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Globs that cover paths: each path itself as long as there are few, a directory ({@code dir/}) with all below it. Of too many, the deepest directories become {@code dir/**} one after
 * the other, never the root. Every glob covers a path that no other one does, so none can be left out.
 */
final class PathCover {
    /** What a glob cannot say; {@code *} stands for the whole segment instead. */
    private static final String UNSAYABLE = "%\\?[]{}*\uFFFD";

    private static final String EVERYTHING_BELOW = "**";
    private static final String STAND_IN = "·";
    /** The most a list of the vocabulary holds. */
    private static final int LIST = 128;

    private PathCover() {}

    static List<PathGlob> of(Collection<String> paths, int most) {
        SortedSet<List<String>> covers = paths.stream()
                .map(PathCover::segments)
                .filter(segments -> !segments.isEmpty())
                .collect(Collectors.toCollection(() -> new TreeSet<>(PathCover::compare)));
        Optional<List<String>> fullest = Optional.of(List.of());
        while (covers.size() > most && fullest.isPresent()) {
            fullest = fullest(covers);
            fullest.ifPresent(directory -> collapse(covers, directory));
        }
        List<PathGlob> globs = covers.stream().limit(LIST).map(PathGlob::new).toList();
        return needed(globs, paths);
    }

    private static List<String> segments(String path) {
        if (path.equals("/")) {
            return List.of();
        }
        List<String> segments = new ArrayList<>();
        for (String segment : path.split("/", -1)) {
            if (!segment.isEmpty()) {
                segments.add(sayable(segment) ? segment : "*");
            }
        }
        if (path.endsWith("/")) {
            segments.add(EVERYTHING_BELOW);
        }
        return List.copyOf(segments);
    }

    private static boolean sayable(String segment) {
        return segment.chars().noneMatch(c -> UNSAYABLE.indexOf(c) >= 0)
                && PathGlob.parse("/" + segment, "") instanceof Parsed.Value<PathGlob>;
    }

    /** The directory whose collapse opens least beside what was seen: the deepest, and of those the one with most below it. */
    private static Optional<List<String>> fullest(Collection<List<String>> covers) {
        SortedMap<List<String>, Integer> below = new TreeMap<>(PathCover::compare);
        covers.forEach(path -> {
            int depth = path.getLast().equals(EVERYTHING_BELOW) ? path.size() - 1 : path.size();
            for (int length = 1; length < depth; length++) {
                below.merge(path.subList(0, length), 1, Integer::sum);
            }
        });
        return below.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .max(Comparator.<Map.Entry<List<String>, Integer>>comparingInt(
                                entry -> entry.getKey().size())
                        .thenComparingInt(Map.Entry::getValue))
                .map(Map.Entry::getKey);
    }

    private static void collapse(Collection<List<String>> covers, List<String> directory) {
        covers.removeIf(path -> path.size() >= directory.size()
                && path.subList(0, directory.size()).equals(directory));
        List<String> all = new ArrayList<>(directory);
        all.add(EVERYTHING_BELOW);
        covers.add(List.copyOf(all));
    }

    /** Without those whose paths the others cover, the widest first. */
    private static List<PathGlob> needed(List<PathGlob> globs, Collection<String> paths) {
        List<String> plain = paths.stream().map(PathCover::plain).toList();
        List<PathGlob> needed = new ArrayList<>(globs);
        globs.stream()
                .sorted(Comparator.comparingLong(PathCover::stars).reversed())
                .forEach(glob -> {
                    List<PathGlob> others =
                            needed.stream().filter(other -> other != glob).toList();
                    boolean spare = plain.stream()
                            .filter(glob::matches)
                            .allMatch(path -> others.stream().anyMatch(other -> other.matches(path)));
                    if (spare) {
                        needed.remove(glob);
                    }
                });
        return List.copyOf(needed);
    }

    private static long stars(PathGlob glob) {
        return glob.toString().chars().filter(c -> c == '*').count();
    }

    /** The path with names a glob's matcher takes: only stars match what no glob can say. */
    static String plain(String path) {
        String entries = path.endsWith("/") ? "/" + STAND_IN + "/" + STAND_IN : ""; // no glob of one file covers them
        return Arrays.stream(path.split("/", -1))
                .filter(segment -> !segment.isEmpty())
                .map(segment -> sayable(segment) ? segment : STAND_IN)
                .collect(Collectors.joining("/", "/", entries));
    }

    private static int compare(List<String> one, List<String> other) {
        return String.join("/", one).compareTo(String.join("/", other));
    }
}
