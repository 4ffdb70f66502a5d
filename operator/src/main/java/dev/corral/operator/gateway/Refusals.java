package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.RefusedConnection;
import dev.corral.operator.spec.Recent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The connections each run was refused: the first {@link #MOST} different ones by name, all others together in one line. */
final class Refusals {
    /** Lines of one run, the one about all others apart. */
    static final int MOST = 10;

    private static final String OTHERS = "(others)";
    private final Recent<SessionId, Map<String, RefusedConnection>> runs = new Recent<>(8192);

    /** Counts one; true if there is a line of it now that was not there before. */
    boolean add(SessionId id, RefusedConnection one) {
        var lines = runs.computeIfAbsent(id, key -> new LinkedHashMap<>());
        synchronized (lines) {
            var shown = lines.size() < MOST || lines.containsKey(key(one))
                    ? one
                    : new RefusedConnection(
                            OTHERS, "TooManyRefusals", "more connections were refused than are listed", null, 1);
            var known = lines.get(key(shown));
            lines.put(
                    key(shown),
                    known == null ? times(shown, 1) : times(known, Objects.requireNonNullElse(known.times(), 0) + 1));
            return known == null;
        }
    }

    /** What is known of a run; {@code before} is what its status has already, from this process or the one before it. */
    @Nullable
    List<RefusedConnection> of(SessionId id, @Nullable List<RefusedConnection> before) {
        var merged = new LinkedHashMap<String, RefusedConnection>();
        Objects.requireNonNullElse(before, List.<RefusedConnection>of()).forEach(line -> merged.put(key(line), line));
        runs.get(id).ifPresent(lines -> {
            synchronized (lines) {
                lines.forEach((key, line) -> {
                    if (merged.size() <= MOST || merged.containsKey(key)) {
                        merged.put(key, line);
                    }
                });
            }
        });
        return merged.isEmpty() ? null : new ArrayList<>(merged.values());
    }

    /** What it knows of runs, so that somebody forgets it with them. */
    Recent<SessionId, ?> memory() {
        return runs;
    }

    private static String key(RefusedConnection line) {
        return line.host() + " " + line.reason() + " " + line.message();
    }

    private static RefusedConnection times(RefusedConnection line, int times) {
        return new RefusedConnection(line.host(), line.reason(), line.message(), line.allow(), times);
    }
}
