package dev.corral.operator.learn;

import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.PathGlob;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
        Tree tree = new Tree();
        paths.stream()
                .map(PathCover::segments)
                .filter(segments -> !segments.isEmpty())
                .forEach(tree::add);
        tree.shrink(most);
        List<PathGlob> globs = tree.covers().stream()
                .sorted(Comparator.comparing(cover -> String.join("/", cover)))
                .limit(LIST)
                .map(PathGlob::new)
                .toList();
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

    /** Without those whose paths the others cover, the widest first. Each is matched with each path once: both are a stranger's. */
    private static List<PathGlob> needed(List<PathGlob> globs, Collection<String> paths) {
        List<String> plain = paths.stream().map(PathCover::plain).toList();
        int[] covers = new int[plain.size()];
        List<PathGlob> needed = new ArrayList<>(globs);
        globs.stream()
                .map(glob -> Covering.of(glob, plain))
                .peek(covering -> covering.paths().stream().forEach(path -> covers[path]++))
                .sorted(Comparator.comparingLong((Covering covering) -> stars(covering.glob()))
                        .reversed())
                .filter(covering -> covering.paths().stream().allMatch(path -> covers[path] > 1))
                .forEach(spare -> {
                    spare.paths().stream().forEach(path -> covers[path]--);
                    needed.remove(spare.glob());
                });
        return List.copyOf(needed);
    }

    private record Covering(PathGlob glob, BitSet paths) {
        static Covering of(PathGlob glob, List<String> all) {
            BitSet paths = new BitSet();
            IntStream.range(0, all.size())
                    .filter(path -> glob.matches(all.get(path)))
                    .forEach(paths::set);
            return new Covering(glob, paths);
        }
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

    /** The covers, by their segments. How many lie below a directory is kept, not counted anew: a stranger says how many there are and how deep. */
    private static final class Tree {
        private final Directory root = new Directory("", null);
        private final List<List<Directory>> levels = new ArrayList<>();
        private int covers;

        void add(List<String> cover) {
            boolean all = cover.getLast().equals(EVERYTHING_BELOW);
            Directory at = root;
            int depth = 0;
            for (String name : all ? cover.subList(0, cover.size() - 1) : cover) {
                if (levels.size() == depth) {
                    levels.add(new ArrayList<>());
                }
                Directory next = at.entries.get(name);
                if (next == null) {
                    next = new Directory(name, at);
                    at.entries.put(name, next);
                    levels.get(depth).add(next);
                }
                at = next;
                depth++;
            }
            if (all ? !at.all : !at.itself) {
                at.all |= all;
                at.itself |= !all;
                more(at, 1);
            }
        }

        /** Collapses the directories that open least beside what was seen: the deepest first, and of those the ones with most below them. */
        void shrink(int most) {
            for (List<Directory> level : levels.reversed()) {
                if (covers <= most) {
                    return;
                }
                level.stream()
                        .filter(directory -> directory.below > 1)
                        .sorted(Comparator.<Directory>comparingInt(directory -> -directory.below)
                                .thenComparing(directory -> String.join("/", directory.segments())))
                        .takeWhile(directory -> covers > most)
                        .forEach(this::collapse);
            }
        }

        private void collapse(Directory directory) {
            more(directory, 1 - directory.below - (directory.all ? 1 : 0) - (directory.itself ? 1 : 0));
            directory.entries.clear();
            directory.below = 0;
            directory.itself = false;
            directory.all = true;
        }

        private void more(Directory at, int count) {
            covers += count;
            for (Directory above = at.above; above != null; above = above.above) {
                above.below += count;
            }
        }

        List<List<String>> covers() {
            List<List<String>> covers = new ArrayList<>();
            Deque<Directory> open = new ArrayDeque<>(List.of(root));
            while (!open.isEmpty()) {
                Directory directory = open.pop();
                if (directory.itself) {
                    covers.add(directory.segments());
                }
                if (directory.all) {
                    List<String> all = directory.segments();
                    all.add(EVERYTHING_BELOW);
                    covers.add(all);
                }
                directory.entries.values().forEach(open::push);
            }
            return covers;
        }
    }

    private static final class Directory {
        final String name;
        final @Nullable Directory above;
        final Map<String, Directory> entries = new TreeMap<>();
        /** Which covers end here, and how many below. */
        boolean itself;

        boolean all;
        int below;

        Directory(String name, @Nullable Directory above) {
            this.name = name;
            this.above = above;
        }

        List<String> segments() {
            List<String> segments = new ArrayList<>();
            for (Directory at = this; at.above != null; at = at.above) {
                segments.add(at.name);
            }
            Collections.reverse(segments);
            return segments;
        }
    }
}
