package dev.corral.operator.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every test, file and page that the documentation names exists. */
class ReadmeTest {
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");
    private static final Pattern JAVA_TEST = Pattern.compile("([A-Z]\\w*(?:Test|IT|Laws))(?:\\.(\\w+))?");
    private static final Pattern GO_TEST = Pattern.compile("Test[A-Z]\\w+");
    private static final Pattern MAIN_HEADING = Pattern.compile("(?m)^# ");

    @TestFactory
    Stream<DynamicTest> whatAPageNamesExists() {
        return pages().map(page ->
                DynamicTest.dynamicTest(Repository.ROOT.relativize(page).toString(), () -> check(page)));
    }

    private static Stream<Path> pages() {
        return Stream.of(
                        Stream.of("README.md", "CHANGELOG.md", "cluster/README.md")
                                .map(Repository.ROOT::resolve),
                        Repository.children(Repository.ROOT.resolve("docs")).stream(),
                        Repository.children(Repository.ROOT.resolve("docs/decisions")).stream(),
                        Repository.examples().stream().map(example -> example.resolve("README.md")))
                .flatMap(pages -> pages)
                .filter(page -> page.toString().endsWith(".md"));
    }

    private static void check(Path page) {
        String text = FENCED.matcher(Repository.read(page)).replaceAll("");
        assertThat(MAIN_HEADING.matcher(text).results()).as("one title").hasSize(1);
        for (String link : Repository.all(LINK, text)) {
            assertThat(page.resolveSibling(link).normalize())
                    .as("[…](%s)", link)
                    .exists();
        }
        for (String code : Repository.all(CODE, text)) {
            code(page, code);
        }
    }

    private static void code(Path page, String code) {
        var java = JAVA_TEST.matcher(code);
        if (java.matches()) {
            String source = Sources.ofClass(java.group(1));
            assertThat(source).as("test class %s", java.group(1)).isNotEmpty();
            if (java.group(2) != null) {
                assertThat(source).as("%s", code).containsPattern("\\s" + java.group(2) + "\\(");
            }
        } else if (GO_TEST.matcher(code).matches()) {
            assertThat(Sources.GO).as("Go test %s", code).contains("func " + code + "(");
        } else if (isPath(code)) {
            String path = code.split(" ")[0];
            if (path.contains("*")) {
                assertThat(Repository.children(Repository.ROOT.resolve(path).getParent()))
                        .as(path)
                        .isNotEmpty();
            } else {
                assertThat(List.of(
                                Repository.ROOT.resolve(path),
                                page.resolveSibling(path).normalize()))
                        .as("`%s` exists", path)
                        .anyMatch(Files::exists);
            }
        }
    }

    /** Something of the repository, perhaps with arguments: {@code examples/apply 01-hello}. */
    private static boolean isPath(String code) {
        int slash = code.indexOf('/');
        return slash > 0
                && code.matches("[A-Za-z0-9._/*-]+( .*)?")
                && Sources.TOP.contains(code.substring(0, slash))
                && !code.startsWith("corral/");
    }

    /** The tests as text. */
    private static final class Sources {
        static final Set<String> TOP = Repository.children(Repository.ROOT).stream()
                .map(path -> path.getFileName().toString())
                .filter(name -> !name.equals("target"))
                .collect(Collectors.toSet());
        static final String GO = Stream.of("launcher", "cluster/tools")
                .flatMap(module -> files(Repository.ROOT.resolve(module), "_test.go"))
                .map(Repository::read)
                .collect(Collectors.joining());

        static String ofClass(String name) {
            return Stream.of("crds", "operator")
                    .flatMap(module ->
                            files(Repository.ROOT.resolve(module).resolve("src/test/java"), "/" + name + ".java"))
                    .map(Repository::read)
                    .collect(Collectors.joining());
        }

        private static Stream<Path> files(Path folder, String ending) {
            try (Stream<Path> all = Files.walk(folder)) {
                return all.filter(file -> file.toString().endsWith(ending)).toList().stream();
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }
}
