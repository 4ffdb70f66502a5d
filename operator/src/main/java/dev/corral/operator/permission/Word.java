package dev.corral.operator.permission;

/** A name in a section this version cannot enforce yet, so that nothing depends on its grammar: equal or different, nothing between. */
public record Word(String text) implements Grantable, Comparable<Word> {
    private static final int LONGEST = 320;

    public Word {
        if (text.isBlank() || text.length() > LONGEST || !text.codePoints().allMatch(Text::printable)) {
            throw new IllegalArgumentException("word " + Text.quoted(text));
        }
    }

    public static Parsed<Word> parse(String text, String path) {
        if (text.isBlank() || text.length() > LONGEST || !text.codePoints().allMatch(Text::printable)) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text) + " must be 1 to " + LONGEST + " characters that print");
        }
        return Parsed.value(new Word(text));
    }

    @Override
    public boolean covers(Grantable ask) {
        return equals(ask);
    }

    /** Unknown grammar: a star or anything else may mean more than it says, so within a section every word may overlap. */
    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof Word;
    }

    @Override
    public int compareTo(Word other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
