package dev.corral.operator.schema;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import com.networknt.schema.JsonSchemaException;
import dev.corral.operator.status.PlainText;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.MatchResult;
import java.util.stream.IntStream;

/**
 * A stranger's regular expression, read by RE2, whose work is at most the expression's size times the text's: java.util.regex goes back and
 * tries again, for ever if an expression is made for it. What needs going back is not in RE2's language. Its size is taken from the steps before
 * it is compiled, because repetitions of repetitions would fill the memory.
 */
final class LinearPattern {
    private static final int DEEPEST = 50;
    /** Characters of an expression. */
    private static final int LONGEST = 4096;
    /** In steps: a character, which may be a range of a class that is sorted. */
    private static final int CHARACTER = 25;
    /** In steps: a state, which takes memory. */
    private static final int STATE = 400;
    /** In steps: a table of some hundred ranges, which RE2 merges late and copies often. */
    private static final int TABLE = 5000;
    /** States that are looked at for one step. */
    private static final int STATES = 6;

    /** The first character behind Latin, Greek and Cyrillic. RE2 folds each of a range, and never ends with some of Unicode 9 (google/re2j#168). */
    private static final char UNFOLDED = '\u0530';

    private static final java.util.regex.Pattern FOLDING = java.util.regex.Pattern.compile("\\(\\?[a-zA-Z-]*i");

    /** As ECMA-262 writes a character; RE2 has {@code \x{…}}. Escapes of backslashes are taken along, so as not to begin in their middle. */
    private static final java.util.regex.Pattern UNICODE =
            java.util.regex.Pattern.compile("\\\\(?:u(\\p{XDigit}{4})|.)");

    private static final java.util.regex.Pattern REPETITION = java.util.regex.Pattern.compile("\\{(\\d+)(?:,(\\d*))?}");

    private static final java.util.regex.Pattern FLAGS = java.util.regex.Pattern.compile("\\(\\?[a-zA-Z-]*\\)");

    /** One class from the beginning to the end, as lengths are mostly bounded: counted here, where RE2 has two states for each character. */
    private static final java.util.regex.Pattern ONE_CLASS = java.util.regex.Pattern.compile(
            "(\\^(?:\\.|\\\\[dDwWsS]|\\[(?:[^\\[\\]\\\\]|\\\\[^Q]){1,200}]))\\{(\\d{1,6})(?:(,)(\\d{0,6}))?}\\$");

    private final Pattern pattern;
    private final Steps steps;
    private int fewest = 0;
    private int most = Integer.MAX_VALUE;

    LinearPattern(String regex, Steps steps) {
        this.steps = steps;
        if (regex.length() > LONGEST) {
            throw new JsonSchemaException("a pattern has more than " + LONGEST + " characters");
        }
        String translated = UNICODE.matcher(bounded(regex)).replaceAll(LinearPattern::character);
        boolean folding = FOLDING.matcher(regex).find();
        if (folding && (translated.contains("\\x{") || regex.chars().anyMatch(character -> character >= UNFOLDED))) {
            throw new JsonSchemaException(
                    "the pattern " + PlainText.line(regex, 64)
                            + " ignores case, so it may name no characters by number, and only those of Latin, Greek and Cyrillic");
        }
        steps.take(regex.length() * CHARACTER + tables(regex, folding) * TABLE + size(translated) * STATE);
        try {
            this.pattern = Pattern.compile(translated);
        } catch (PatternSyntaxException unknown) {
            throw new JsonSchemaException("the pattern " + PlainText.line(regex, 64) + " is none that RE2 knows: "
                    + unknown.getDescription() + " " + PlainText.line(unknown.getPattern(), 64));
        }
    }

    /** Whether some part of the text matches. */
    boolean find(String text) {
        steps.take(1 + (long) pattern.programSize() * (1 + text.length()) / STATES);
        int length = text.codePointCount(0, text.length());
        return fewest <= length && length <= most && pattern.matcher(text).find();
    }

    private String bounded(String regex) {
        var one = ONE_CLASS.matcher(regex);
        if (!one.matches()) {
            return regex;
        }
        int least = Integer.parseInt(one.group(2));
        int last = one.group(3) == null ? least : one.group(4).isEmpty() ? most : Integer.parseInt(one.group(4));
        if (least > last) {
            return regex; // RE2 says what is wrong with it
        }
        fewest = least;
        most = last;
        return one.group(1) + "*$";
    }

    private static String character(MatchResult escape) {
        String digits = escape.group(1);
        return java.util.regex.Matcher.quoteReplacement(digits == null ? escape.group() : "\\x{" + digits + "}");
    }

    /** Classes of Unicode; and ranges, where each character of one is folded. In and out of brackets, and rather too many than too few. */
    private static long tables(String regex, boolean folding) {
        return IntStream.range(0, regex.length())
                .filter(at -> regex.startsWith("\\p", at)
                        || regex.startsWith("\\P", at)
                        || folding && regex.charAt(at) == '-')
                .count();
    }

    /** At least a third of the states it is compiled to: a group counts as often as it is repeated, and one in it as often again. */
    static long size(String regex) {
        Deque<Long> around = new ArrayDeque<>();
        long group = 0;
        long last = 0;
        for (int at = 0; at < regex.length(); at++) {
            switch (regex.charAt(at)) {
                case '\\' -> {
                    if (regex.startsWith("Q", at + 1)) {
                        throw new JsonSchemaException(
                                "the pattern has \\Q, which is not supported; escape each character");
                    }
                    at = endOfEscape(regex, at + 1);
                    group += last = 1;
                }
                case '[' -> {
                    // up to the first bracket that closes: not later than RE2, so that nothing is passed over
                    for (at++; at < regex.length() && regex.charAt(at) != ']'; at++) {
                        at += regex.charAt(at) == '\\' ? 1 : 0;
                    }
                    group += last = 1;
                }
                case '(' -> {
                    var flags = FLAGS.matcher(regex).region(at, regex.length());
                    if (flags.lookingAt()) { // a repetition behind them is of what is before them
                        at = flags.end() - 1;
                        continue;
                    }
                    if (around.size() == DEEPEST) {
                        throw new JsonSchemaException("a pattern has groups more than " + DEEPEST + " levels deep");
                    }
                    around.push(group);
                    group = 0;
                    last = 0;
                }
                case ')' -> {
                    last = group + 2;
                    group = last + (around.isEmpty() ? 0 : around.pop());
                }
                case '{' -> {
                    var repetition = REPETITION.matcher(regex).region(at, regex.length());
                    if (repetition.lookingAt()) {
                        long times = times(repetition);
                        group += last * (times - 1);
                        last *= times;
                        at = repetition.end() - 1;
                    } else {
                        group += last = 1;
                    }
                }
                case '*', '+', '?' -> {
                    group += 2;
                    last += 2;
                }
                default -> group += last = 1;
            }
            if (group > Integer.MAX_VALUE) {
                return Integer.MAX_VALUE;
            }
        }
        return group;
    }

    /** Braces behind these are no repetition. */
    private static int endOfEscape(String regex, int what) {
        boolean braced =
                what + 1 < regex.length() && "xpP".indexOf(regex.charAt(what)) >= 0 && regex.charAt(what + 1) == '{';
        return braced ? Math.max(what, regex.indexOf('}', what)) : what;
    }

    private static long times(MatchResult repetition) {
        String most = repetition.group(2);
        String number = most == null || most.isEmpty() ? repetition.group(1) : most;
        return number.length() > 6 ? 1_000_000 : Long.parseLong(number) + 1;
    }
}
