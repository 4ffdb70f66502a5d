package dev.corral.operator.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.corral.api.v1alpha1.Permissions;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.policy.Given;
import dev.corral.operator.spec.PermissionReader.Purpose;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads back what {@link Given#text} wrote. */
public final class GivenReader {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private GivenReader() {}

    private record Written(
            @Nullable Permissions permissions,
            @Nullable List<String> cidrs,
            @Nullable List<String> services,
            @Nullable List<String> denies) {}

    /** Empty where the text is not one of ours. */
    public static Optional<Given> read(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        try {
            Written written = YAML.readValue(text, Written.class);
            Findings findings = new Findings("");
            var permissions = PermissionReader.read(written.permissions(), Purpose.ASK, "permissions", findings);
            List<Violation> violations = findings.violations();
            return violations.isEmpty()
                    ? Optional.of(new Given(
                            permissions,
                            Objects.requireNonNullElse(written.cidrs(), List.of()),
                            Objects.requireNonNullElse(written.services(), List.of()),
                            Objects.requireNonNullElse(written.denies(), List.of())))
                    : Optional.empty();
        } catch (JsonProcessingException notOurs) {
            return Optional.empty();
        }
    }
}
