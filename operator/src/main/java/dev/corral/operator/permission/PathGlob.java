package dev.corral.operator.permission;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Absolute paths: {@code *} stands for any characters of one segment, a segment {@code **} for any number of segments. Every text
 * that could mean another path to somebody else (dot segments, empty segments, escapes) is refused.
 */
public record PathGlob(List<String> segments) implements Grantable, Comparable<PathGlob> {
    private static final int LONGEST = 4096;
    private static final String ANY_SEGMENTS = "**";

    public PathGlob {
        segments = List.copyOf(segments);
        String problem = problemOf("/" + String.join("/", segments));
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }

    public static Parsed<PathGlob> parse(String text, String path) {
        String problem = problemOf(text);
        if (problem != null) {
            return Parsed.malformed(path, ViolationReason.Malformed, Text.quoted(text) + " " + problem);
        }
        List<String> segments = new ArrayList<>();
        for (String segment : text.substring(1).split("/", -1)) {
            boolean repeated = segment.equals(ANY_SEGMENTS)
                    && !segments.isEmpty()
                    && segments.getLast().equals(ANY_SEGMENTS);
            if (!segment.isEmpty() && !repeated) {
                segments.add(segment);
            }
        }
        return Parsed.value(new PathGlob(segments));
    }

    /** Programs are paths too; {@code *} alone means every one. */
    public static Parsed<PathGlob> parseCommand(String text, String path) {
        return parse(text.equals("*") ? "/" + ANY_SEGMENTS : text, path);
    }

    private static @Nullable String problemOf(String text) {
        if (!text.startsWith("/")) {
            return "is not absolute; write /work/**";
        }
        if (text.length() > LONGEST) {
            return "is longer than " + LONGEST + " characters";
        }
        if (text.contains("//")) {
            return "has an empty segment; write single slashes";
        }
        if (!text.codePoints().allMatch(Text::printable)) {
            return "has a character that does not print";
        }
        if (text.chars().anyMatch(c -> "%\\?[]{}".indexOf(c) >= 0)) {
            return "has one of % \\ ? [ ] { }, which mean nothing here; only * and ** do";
        }
        for (String segment : text.substring(1).split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return "has a dot segment; write the path it leads to";
            }
            if (segment.contains(ANY_SEGMENTS) && !segment.equals(ANY_SEGMENTS)) {
                return "has ** inside a segment; ** is a whole segment";
            }
        }
        return null;
    }

    /** Whether {@code path}, absolute and without empty and dot segments, is meant; any other path never is. */
    public boolean matches(String path) {
        if (path.equals("/")) {
            return matchSegments(List.of(), new Steps());
        }
        return matches(path, new Steps());
    }

    boolean matches(String path, Steps steps) {
        if (!path.startsWith("/") || path.indexOf(0) >= 0) {
            return false;
        }
        List<String> names = List.of(path.substring(1).split("/", -1));
        return names.stream().noneMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."))
                && matchSegments(names, steps);
    }

    /** Counts comparisons, so that a test can say how many there are at most. */
    static final class Steps {
        private long taken;

        long taken() {
            return taken;
        }
    }

    /**
     * Greedy with one step back to the last {@code **}: earlier ones need no second look, so the work is at most length × length. A
     * segment {@code **} of {@code path}, which then is a glob itself, is matched by {@code **} alone.
     */
    private boolean matchSegments(List<String> path, Steps steps) {
        int glob = 0;
        int at = 0;
        int lastStar = -1;
        int lastAt = 0;
        while (at < path.size()) {
            steps.taken++;
            if (glob < segments.size() && segments.get(glob).equals(ANY_SEGMENTS)) {
                lastStar = glob++;
                lastAt = at;
            } else if (glob < segments.size() && matchesSegment(segments.get(glob), path.get(at), steps)) {
                glob++;
                at++;
            } else if (lastStar >= 0) {
                glob = lastStar + 1;
                at = ++lastAt;
            } else {
                return false;
            }
        }
        while (glob < segments.size() && segments.get(glob).equals(ANY_SEGMENTS)) {
            glob++;
        }
        return glob == segments.size();
    }

    private static boolean matchesSegment(String glob, String segment, Steps steps) {
        if (segment.equals(ANY_SEGMENTS)) {
            return false;
        }
        int g = 0;
        int s = 0;
        int lastStar = -1;
        int lastAt = 0;
        while (s < segment.length()) {
            steps.taken++;
            if (g < glob.length() && glob.charAt(g) == '*') {
                lastStar = g++;
                lastAt = s;
            } else if (g < glob.length() && glob.charAt(g) == segment.charAt(s)) {
                g++;
                s++;
            } else if (lastStar >= 0) {
                g = lastStar + 1;
                s = ++lastAt;
            } else {
                return false;
            }
        }
        while (g < glob.length() && glob.charAt(g) == '*') {
            g++;
        }
        return g == glob.length();
    }

    /** Sound, not complete: the stars of {@code ask} are taken as names that nothing but a star of this matches. */
    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof PathGlob other && matchSegments(other.segments, new Steps());
    }

    /** Apart only where both are still plain text and differ. */
    @Override
    public boolean overlaps(Grantable ask) {
        if (!(ask instanceof PathGlob other)) {
            return false;
        }
        for (int i = 0; i < Math.min(segments.size(), other.segments.size()); i++) {
            String own = segments.get(i);
            String theirs = other.segments.get(i);
            if (own.contains("*") || theirs.contains("*")) {
                return true;
            }
            if (!own.equals(theirs)) {
                return false;
            }
        }
        List<String> longer = segments.size() > other.segments.size() ? segments : other.segments;
        int shared = Math.min(segments.size(), other.segments.size());
        return longer.size() == shared || longer.get(shared).equals(ANY_SEGMENTS);
    }

    @Override
    public int compareTo(PathGlob other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return "/" + String.join("/", segments);
    }
}
