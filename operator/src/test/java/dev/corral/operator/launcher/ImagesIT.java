package dev.corral.operator.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images are made of their sources and of nothing else: two checkouts give the same digest. */
class ImagesIT {
    @TempDir
    Path folder;

    @Test
    void twoCheckoutsGiveTheSameLauncherAndProbe() throws IOException, InterruptedException {
        sameIn("launcher", "probe");
    }

    /** The one with an interpreter's bytecode in it; a minute and a half, so only with {@code -Dcorral.full=true}. */
    @Test
    void twoCheckoutsGiveTheSamePython() throws IOException, InterruptedException {
        assumeTrue(Boolean.getBoolean("corral.full"), "only with -Pfull");
        sameIn("plugin-python");
    }

    private void sameIn(String... images) throws IOException, InterruptedException {
        var here = built(Checkout.in(folder.resolve("here")), images);
        var there = built(Checkout.in(folder.resolve("some/where/else")), images);
        assertThat(here).hasSize(images.length).allMatch(line -> line.contains("@sha256:"));
        assertThat(there).isEqualTo(here);
    }

    private static List<String> built(Path checkout, String... images) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(checkout.resolve("cluster/images").toString()));
        command.addAll(List.of(images));
        var build = new ProcessBuilder(command).redirectErrorStream(true).start();
        var said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(build.waitFor()).as(said).isZero();
        return Files.readAllLines(checkout.resolve("target/images/digests"));
    }
}
