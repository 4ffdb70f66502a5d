package dev.corral.operator.decide;

import com.networknt.schema.JsonSchemaException;
import dev.corral.operator.status.PlainText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A stranger's regular expression, as java.util.regex reads it. That one goes back and tries again, for ever if an expression is made for
 * it, and counting what it reads of the text does not help: at the end of a text it reads nothing. Here all ways are followed at once, so that the
 * work is at most the expression's size times the text's. What needs going back is refused.
 */
final class LinearPattern {
    private static final int DEEPEST = 50;
    /** In steps; a state takes memory, too. */
    private static final int STATE = 50;

    private static final int NO_END = -1;
    private static final String QUANTIFIERS = "*+?{";

    private final String regex;
    private final Steps steps;
    private final State end = new State(null, null, null, null);
    private final State start;
    /** Of what is being read: the next character, the flags there. */
    private int at;

    private int flags;
    /** What is being searched. */
    private String text = "";

    private long turn;

    LinearPattern(String regex, Steps steps) {
        this.regex = regex;
        this.steps = steps;
        steps.take(regex.length());
        if (depth('(', ')') > DEEPEST || depth('[', ']') > DEEPEST) {
            throw refused("groups more than " + DEEPEST + " levels deep");
        }
        try {
            Pattern.compile(regex); // says what is wrong with it; from here on it is known to be well-formed
        } catch (PatternSyntaxException malformed) {
            throw new JsonSchemaException("the pattern " + shown() + " is malformed: " + malformed.getDescription());
        }
        try {
            this.start = alternatives().before(end);
        } catch (Steps.Spent spent) {
            throw expensive();
        }
    }

    /** Whether some part of the text matches. */
    boolean find(String searched) {
        text = searched;
        try {
            return run(start, end, 0, true, NO_END);
        } catch (Steps.Spent spent) {
            throw expensive();
        }
    }

    /** Part of an expression: given what follows, the state to begin with. */
    private interface Part {
        State before(State next);
    }

    /** Takes a character, holds at a place, or neither; then goes on with one state or two. */
    private static final class State {
        final @Nullable IntPredicate takes;
        final @Nullable IntPredicate holds;

        @Nullable
        State then;

        final @Nullable State or;
        long seen;

        State(@Nullable IntPredicate takes, @Nullable IntPredicate holds, @Nullable State then, @Nullable State or) {
            this.takes = takes;
            this.holds = holds;
            this.then = then;
            this.or = or;
        }
    }

    // how it is matched

    /** Whether {@code last} can be reached from {@code first}: begun at {@code from} or, {@code floating}, after it, and ended at {@code to} or anywhere. */
    private boolean run(State first, State last, int from, boolean floating, int to) {
        List<State> waiting = new ArrayList<>();
        long here = ++turn;
        follow(first, from, here, waiting);
        for (int place = from; ; ) {
            if (last.seen == here && (to == NO_END || place == to)) {
                return true;
            }
            if (place == (to == NO_END ? text.length() : to) || (waiting.isEmpty() && !floating)) {
                return false;
            }
            int character = text.codePointAt(place);
            place += Character.charCount(character);
            here = ++turn;
            List<State> next = new ArrayList<>();
            for (State state : waiting) {
                steps.take(1);
                if (state.takes != null && state.then != null && state.takes.test(character)) {
                    follow(state.then, place, here, next);
                }
            }
            if (floating) {
                follow(first, place, here, next);
            }
            waiting = next;
        }
    }

    /** Goes on as far as no character is needed. */
    private void follow(State from, int place, long here, List<State> waiting) {
        List<State> open = new ArrayList<>(List.of(from));
        while (!open.isEmpty()) {
            State state = open.removeLast();
            if (state.seen == here) {
                continue;
            }
            steps.take(1);
            state.seen = here;
            if (state.takes != null) {
                waiting.add(state);
            } else if (state.holds == null || state.holds.test(place)) {
                if (state.or != null) {
                    open.add(state.or);
                }
                if (state.then != null) {
                    open.add(state.then);
                }
            }
        }
    }

    // how it is read

    private Part alternatives() {
        List<Part> ways = new ArrayList<>(List.of(sequence()));
        while (reads("|")) {
            at++;
            ways.add(sequence());
        }
        return next -> {
            State any = ways.getLast().before(next);
            for (Part way : ways.reversed().subList(1, ways.size())) {
                any = state(null, null, way.before(next), any);
            }
            return any;
        };
    }

    private Part sequence() {
        List<Part> parts = new ArrayList<>();
        while (at < regex.length() && !reads("|") && !reads(")")) {
            parts.add(quantified(piece()));
        }
        return next -> {
            State first = next;
            for (Part part : parts.reversed()) {
                first = part.before(first);
            }
            return first;
        };
    }

    private Part piece() {
        int from = at;
        return switch (regex.charAt(at)) {
            case '(' -> group();
            case '\\' -> escape();
            case '^', '$' -> place(source(from, at + 1));
            case '.' -> character(source(from, at + 1));
            case '[' -> character(source(from, endOfClass()));
            case '{' -> throw refused("a quantifier of nothing");
            default -> literal();
        };
    }

    private Part literal() {
        int character = regex.codePointAt(at);
        at += Character.charCount(character);
        return (flags & Pattern.CASE_INSENSITIVE) == 0
                ? next -> state(taken -> taken == character, null, next, null)
                : character(Pattern.quote(Character.toString(character)));
    }

    private Part group() {
        at++;
        int outside = flags;
        Part group;
        if (reads("?=") || reads("?!")) {
            boolean wanted = reads("?=");
            at += 2;
            group = look(alternatives(), true, wanted);
        } else if (reads("?<=") || reads("?<!")) {
            boolean wanted = reads("?<=");
            at += 3;
            group = look(alternatives(), false, wanted);
        } else if (reads("?<")) {
            at = regex.indexOf('>', at) + 1;
            group = alternatives();
        } else if (reads("?>")) {
            throw refused("an atomic group");
        } else if (reads("?")) {
            at++;
            flags();
            if (reads(")")) {
                at++;
                return next -> next; // of the rest of the group around it
            }
            at++;
            group = alternatives();
        } else {
            group = alternatives();
        }
        at++;
        flags = outside;
        return group;
    }

    private void flags() {
        boolean on = true;
        for (; !reads(":") && !reads(")"); at++) {
            int flag = switch (regex.charAt(at)) {
                case 'i' -> Pattern.CASE_INSENSITIVE;
                case 'm' -> Pattern.MULTILINE;
                case 's' -> Pattern.DOTALL;
                case 'd' -> Pattern.UNIX_LINES;
                case 'u' -> Pattern.UNICODE_CASE;
                case 'U' -> Pattern.UNICODE_CHARACTER_CLASS;
                case '-' -> 0;
                default -> throw refused("the flag " + regex.charAt(at));
            };
            on &= flag != 0;
            flags = on ? flags | flag : flags & ~flag;
        }
    }

    private Part look(Part inside, boolean ahead, boolean wanted) {
        State last = state(null, null, null, null);
        State first = inside.before(last);
        IntPredicate holds =
                place -> (ahead ? run(first, last, place, false, NO_END) : run(first, last, 0, true, place)) == wanted;
        return next -> state(null, holds, next, null);
    }

    private Part escape() {
        int from = at;
        char what = regex.charAt(at + 1);
        return switch (what) {
            case 'b', 'B' -> boundary(what == 'b');
            case 'A', 'z', 'Z' -> place(source(from, from + 2));
            case 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> throw refused("a back reference");
            case 'G', 'Q', 'R', 'X' -> throw refused("\\" + what);
            case 'c' -> character(source(from, from + 3));
            case '0' -> {
                int digits = regex.charAt(from + 2) <= '3' ? 3 : 2;
                int to = from + 2;
                while (to < regex.length() && to < from + 2 + digits && "01234567".indexOf(regex.charAt(to)) >= 0) {
                    to++;
                }
                yield character(source(from, to));
            }
            case 'x', 'u', 'p', 'P', 'N' -> {
                if (regex.startsWith("{", from + 2)) {
                    yield character(source(from, regex.indexOf('}', from) + 1));
                }
                yield what == 'u' ? unicode() : character(source(from, from + (what == 'x' ? 4 : 3)));
            }
            default -> character(source(from, from + 1 + Character.charCount(regex.codePointAt(from + 1))));
        };
    }

    /** {@code \\uD83D\\uDE00} is one character. */
    private Part unicode() {
        boolean half = Character.isHighSurrogate((char) Integer.parseInt(regex, at + 2, at + 6, 16))
                && regex.startsWith("\\u", at + 6)
                && Character.isLowSurrogate((char) Integer.parseInt(regex, at + 8, at + 12, 16));
        return character(source(at, at + (half ? 12 : 6)));
    }

    private Part boundary(boolean wanted) {
        at += 2;
        if (reads("{")) {
            throw refused("\\b{g}");
        }
        IntPredicate word = test("\\w");
        return next -> state(
                null,
                place -> {
                    boolean before = place > 0 && word.test(text.codePointBefore(place));
                    boolean after = place < text.length() && word.test(text.codePointAt(place));
                    return (before != after) == wanted;
                },
                next,
                null);
    }

    /** Where the class ends that begins here: a bracket that comes first in one is a character of it. */
    private int endOfClass() {
        int to = at;
        int depth = 0;
        boolean first = false;
        do {
            char character = regex.charAt(to);
            if (character == '[') {
                depth++;
                to += regex.startsWith("^", to + 1) ? 2 : 1;
                first = true;
                continue;
            }
            if (character == ']' && !first) {
                depth--;
            }
            first = false;
            if (regex.startsWith("\\Q", to)) {
                throw refused("\\Q");
            }
            to += character == '\\' ? 2 : 1;
        } while (depth > 0);
        return to;
    }

    private Part quantified(Part part) {
        if (at == regex.length() || QUANTIFIERS.indexOf(regex.charAt(at)) < 0) {
            return part;
        }
        int least = reads("+") ? 1 : 0;
        int most = reads("?") ? 1 : Integer.MAX_VALUE;
        if (reads("{")) {
            int to = regex.indexOf('}', at);
            String[] bounds = regex.substring(at + 1, to).split(",", -1);
            least = Integer.parseInt(bounds[0]);
            most = bounds.length == 1 ? least : bounds[1].isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(bounds[1]);
            at = to;
        }
        at++;
        if (reads("?")) {
            at++; // which of several matches is found is all the same
        } else if (reads("+")) {
            throw refused("a possessive quantifier");
        }
        if (reads("{")) {
            throw refused("a quantifier of nothing");
        }
        return repeated(part, least, most);
    }

    private Part repeated(Part part, int least, int most) {
        return next -> {
            State first = next;
            if (most == Integer.MAX_VALUE) {
                first = state(null, null, null, next);
                first.then = part.before(first);
            } else {
                for (int i = least; i < most; i++) {
                    first = state(null, null, part.before(first), next);
                }
            }
            for (int i = 0; i < least; i++) {
                steps.take(1);
                first = part.before(first);
            }
            return first;
        };
    }

    /** One character as java.util.regex reads it, which has nothing to go back to here. */
    private Part character(String source) {
        IntPredicate test = test(source);
        return next -> state(test, null, next, null);
    }

    private IntPredicate test(String source) {
        Predicate<String> one = Pattern.compile(source, flags).asMatchPredicate();
        byte[] known = new byte[128];
        return character -> {
            if (character < known.length && known[character] != 0) {
                return known[character] > 0;
            }
            steps.take(source.length());
            boolean matches = one.test(Character.toString(character));
            if (character < known.length) {
                known[character] = (byte) (matches ? 1 : -1);
            }
            return matches;
        };
    }

    private Part place(String source) {
        Pattern here = Pattern.compile(source, flags);
        IntPredicate holds = place -> here.matcher(text)
                .region(place, text.length())
                .useAnchoringBounds(false)
                .useTransparentBounds(true)
                .lookingAt();
        return next -> state(null, holds, next, null);
    }

    private State state(
            @Nullable IntPredicate takes, @Nullable IntPredicate holds, @Nullable State then, @Nullable State or) {
        steps.take(STATE);
        return new State(takes, holds, then, or);
    }

    private String source(int from, int to) {
        at = to;
        return regex.substring(from, to);
    }

    private boolean reads(String what) {
        return regex.startsWith(what, at);
    }

    private int depth(char open, char close) {
        int depth = 0;
        int most = 0;
        for (char character : regex.toCharArray()) {
            depth += character == open ? 1 : character == close ? -1 : 0;
            most = Math.max(most, depth);
        }
        return most;
    }

    private String shown() {
        return PlainText.shown(regex, 128);
    }

    private Steps.Spent expensive() {
        return new Steps.Spent("the pattern " + shown() + " takes too much work; repeat less in it, or bound the text");
    }

    private JsonSchemaException refused(String what) {
        return new JsonSchemaException("the pattern " + shown() + " has " + what + ", which is not supported");
    }
}
