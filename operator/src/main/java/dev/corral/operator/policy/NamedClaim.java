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
        Ask missing = new Ask(
                PermissionField.FILES_CLAIMS, directory, request.plugin().author(), path);
        return Optional.of(missing.notAsked(DenialReason.ClaimNotAsked, "names " + directory));
    }
}
