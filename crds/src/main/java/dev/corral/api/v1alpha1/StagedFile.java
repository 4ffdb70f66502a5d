package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A file, or a directory, the handler finds as {@code $CORRAL_FILES/<name>} and cannot change, from exactly one source. */
@ApiObject
@ValidationRule(value = Rule.ONE_FILE_SOURCE, message = Rule.ONE_FILE_SOURCE_MESSAGE)
public record StagedFile(
        @JsonPropertyDescription("Name of the file or directory. Example: rules.yaml.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.KEY)
        String name,

        @JsonPropertyDescription("A ConfigMap key that holds its bytes.") @Nullable
        ConfigMapKey configMapKey,

        @JsonPropertyDescription("An artifact of another execution of this namespace.") @Nullable
        ArtifactReference artifact,

        @JsonPropertyDescription("A PersistentVolumeClaim of this namespace; the name is then a directory.") @Nullable
        ClaimReference claim) {}
