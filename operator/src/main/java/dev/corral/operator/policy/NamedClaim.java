package dev.corral.operator.policy;

import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.PermissionField;
import java.util.List;
import java.util.Optional;

/** A directory of a claim the execution itself names as a file; {@code path} is the field that names it. */
public record NamedClaim(String path, ClaimPaths directory) {
    /** What the plugin asks for is the upper bound, and is judged against the policies as a whole: nothing else is left to judge here. */
    Optional<Denial> denial(List<Ask> asks, Request request) {
        if (asks.stream()
                .anyMatch(ask -> ask.field() == PermissionField.FILES_CLAIMS
                        && ask.item().covers(directory))) {
            return Optional.empty();
        }
        String author = request.plugin().author();
        return Optional.of(new Denial(
                path,
                DenialReason.ClaimNotAsked,
                "PluginExecution names " + directory + ", which " + author + " does not ask for",
                Optional.empty(),
                "Leave it out, or " + author + " would have to ask for it with: permissions: "
                        + Remedy.yaml(PermissionField.FILES_CLAIMS, directory)));
    }
}
