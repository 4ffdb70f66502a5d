package dev.corral.crds;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The manifests beside pom.xml are what the records say; {@code -Dcorral.rewrite=true} writes them anew. */
class CrdManifestTest {
    private static final int MOST_LINES = 840;

    @Test
    void manifestsAreWhatTheRecordsSay() throws IOException {
        var generated = Manifests.generate();
        if (Boolean.getBoolean("corral.rewrite")) {
            for (var manifest : generated.entrySet()) {
                Files.writeString(Manifests.directory().resolve(manifest.getKey()), manifest.getValue());
            }
        }
        assertThat(checkedIn())
                .as("crds/*.yaml; rewrite them with -Dcorral.rewrite=true")
                .isEqualTo(generated);
    }

    @Test
    void aManifestCanBeReadInOneSitting() {
        assertThat(Manifests.generate())
                .allSatisfy((name, yaml) ->
                        assertThat(yaml.lines().count()).as(name).isLessThanOrEqualTo(MOST_LINES));
    }

    private static Map<String, String> checkedIn() throws IOException {
        var found = new TreeMap<String, String>();
        try (var files = Files.newDirectoryStream(Manifests.directory(), "*.yaml")) {
            for (Path file : files) {
                found.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return found;
    }
}
