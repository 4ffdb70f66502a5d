package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of {@code docs/hosts.md}, row by row. */
class HostTableTest {
    @ParameterizedTest
    @MethodSource
    void isReadAsTheTableSays(List<String> row) {
        assertThat(HostPattern.parse(row.get(0), "p").orElseThrow()).hasToString(row.get(1));
    }

    static Stream<List<String>> isReadAsTheTableSays() throws IOException {
        return rows("## What is read");
    }

    @ParameterizedTest
    @MethodSource
    void isRefusedAsTheTableSays(List<String> row) {
        for (Parsed<HostPattern> parsed :
                List.of(HostPattern.parse(row.get(0), "p"), HostPattern.parseDeny(row.get(0), "p"))) {
            assertThat(parsed).isInstanceOf(Parsed.Malformed.class);
            assertThat(parsed.violations().getFirst().message()).contains(row.get(1));
        }
    }

    static Stream<List<String>> isRefusedAsTheTableSays() throws IOException {
        return rows("## What is refused");
    }

    @ParameterizedTest
    @MethodSource
    void meansWhatTheTableSays(List<String> row) {
        int colon = row.get(1).lastIndexOf(':');
        String host = row.get(1).substring(0, colon);
        int port = Integer.parseInt(row.get(1).substring(colon + 1));
        assertThat(row.get(2)).isIn("yes", "no");
        assertThat(HostPattern.parse(row.get(0), "p").orElseThrow().matches(host, port))
                .isEqualTo(row.get(2).equals("yes"));
    }

    static Stream<List<String>> meansWhatTheTableSays() throws IOException {
        return rows("## What a pattern means");
    }

    @Test
    void aDenyWithoutAPortMeansEveryPort() {
        assertThat(HostPattern.parseDeny("example.org", "p").orElseThrow()).hasToString("example.org:*");
    }

    private static Stream<List<String>> rows(String heading) throws IOException {
        List<List<String>> rows = Files.readAllLines(Path.of("../docs/hosts.md")).stream()
                .dropWhile(line -> !line.equals(heading))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| `"))
                .map(line -> Arrays.stream(line.substring(1, line.length() - 1).split("\\|"))
                        .map(cell -> cell.strip().replace("`", ""))
                        .toList())
                .toList();
        assertThat(rows).as(heading).isNotEmpty();
        return rows.stream();
    }
}
