package dev.corral.operator.fuzz;

import java.nio.charset.StandardCharsets;

/** Fuzzed bytes as lines of text, so that a corpus can be read and written by people; a line that is not there is empty. */
public record Lines(String[] lines) {
    public static Lines of(byte[] input) {
        return new Lines(new String(input, StandardCharsets.UTF_8).split("\n", 3));
    }

    public String first() {
        return line(0);
    }

    public String second() {
        return line(1);
    }

    public String third() {
        return line(2);
    }

    private String line(int number) {
        return number < lines.length ? lines[number] : "";
    }
}
