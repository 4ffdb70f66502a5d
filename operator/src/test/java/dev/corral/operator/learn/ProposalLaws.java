package dev.corral.operator.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.PathGlob;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Of any paths: every one is covered, and no glob can be left out. */
class ProposalLaws {
    @Provide
    Arbitrary<Set<String>> paths() {
        return Arbitraries.of("a", "b", "c", "lib", "lib2", "we?ird", "x*", "a\nb")
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .flatMap(segments -> Arbitraries.of("", "", "/").map(end -> "/" + String.join("/", segments) + end))
                .set()
                .ofMinSize(1)
                .ofMaxSize(60);
    }

    @Property(tries = 500)
    void everyPathIsCovered(@ForAll("paths") Set<String> paths, @ForAll @IntRange(min = 1, max = 40) int most) {
        var globs = PathCover.of(paths, most);
        assertThat(paths)
                .allSatisfy(path -> assertThat(covered(globs, path))
                        .as("%s by %s", path, globs)
                        .isTrue());
    }

    @Property(tries = 500)
    void noGlobCanBeLeftOut(@ForAll("paths") Set<String> paths, @ForAll @IntRange(min = 1, max = 40) int most) {
        var globs = PathCover.of(paths, most);
        for (var glob : globs) {
            List<PathGlob> without = new ArrayList<>(globs);
            without.remove(glob);
            assertThat(paths).as("without %s of %s", glob, globs).anyMatch(path -> !covered(without, path));
        }
    }

    @Property(tries = 500)
    void onlyDirectoriesThatWereSeenAreOpened(
            @ForAll("paths") Set<String> paths, @ForAll @IntRange(min = 1, max = 40) int most) {
        var tops = paths.stream().map(path -> path.split("/", -1)[1]).collect(Collectors.toSet());
        assertThat(PathCover.of(paths, most)).allSatisfy(glob -> {
            assertThat(glob.segments().getFirst()).isNotEqualTo("**");
            assertThat(glob.segments().getFirst()).isIn(sayable(tops));
        });
    }

    private static Set<String> sayable(Set<String> names) {
        return names.stream()
                .map(name -> name.matches("[a-z0-9]+") ? name : "*")
                .collect(Collectors.toSet());
    }

    /** Names that a glob cannot say are matched segment by segment; the glob's own matcher takes sayable paths only. */
    private static boolean covered(List<PathGlob> globs, String path) {
        return globs.stream().anyMatch(glob -> glob.matches(PathCover.plain(path)));
    }
}
