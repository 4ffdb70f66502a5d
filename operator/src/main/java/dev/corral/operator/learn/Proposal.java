package dev.corral.operator.learn;

import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.TopicPattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * The smallest permissions that cover a {@link Sighting}: every entry covers something that was seen and that no other entry covers.
 * {@code notes} say what it cannot speak for.
 */
public record Proposal(Permissions permissions, List<String> notes) {
    /** Lines of one list; more paths than that become directories, more of anything else are left out and noted. */
    static final int MOST = 32;

    public Proposal {
        notes = List.copyOf(notes);
    }

    /**
     * @param kept what was asked for and cannot be recognised by watching: pods and services are reached by addresses like others
     * @param ceiling what the run was given; no limit is proposed above it
     */
    public static Proposal of(
            Sighting seen, Map<PermissionField, ? extends List<? extends Grantable>> kept, Budget ceiling) {
        return new Drafting(kept).of(seen, ceiling);
    }

    /** Whether everything that was tried is covered. */
    public boolean complete() {
        return notes.isEmpty();
    }

    /** One proposal in the making. */
    private static final class Drafting {
        private final Map<PermissionField, List<Grantable>> items = new EnumMap<>(PermissionField.class);
        private final List<String> notes = new ArrayList<>();

        Drafting(Map<PermissionField, ? extends List<? extends Grantable>> kept) {
            kept.forEach((field, list) -> items.put(field, new ArrayList<>(list)));
        }

        Proposal of(Sighting seen, Budget ceiling) {
            put(PermissionField.FILES_READ, paths(Places.read(seen.read())));
            put(PermissionField.FILES_WRITE, paths(Places.written(seen.written())));
            put(PermissionField.COMMANDS, commands(seen.executed()));
            put(PermissionField.SECRETS, secrets(seen.read()));
            put(PermissionField.NETWORK_CIDRS, addresses(seen.addresses()));
            put(PermissionField.NETWORK_HOSTS, parsed(seen.names(), "name", HostPattern::parse));
            put(PermissionField.EVENTS_PRODUCE, parsed(seen.topics(), "topic", TopicPattern::parse));
            put(PermissionField.ENV, parsed(seen.variables(), "variable", EnvPattern::parse));
            if (seen.unseen() > 0) {
                notes.add(seen.unseen() + " calls could not be looked at, or were too many to remember");
            }
            return new Proposal(Permissions.of(items, Margins.over(seen.use(), ceiling)), notes);
        }

        private void put(PermissionField field, List<? extends Grantable> found) {
            if (!found.isEmpty()) {
                items.computeIfAbsent(field, none -> new ArrayList<>()).addAll(found);
            }
        }

        private List<PathGlob> paths(List<String> asked) {
            List<PathGlob> globs = PathCover.of(asked, MOST);
            long left = asked.stream()
                    .map(PathCover::plain)
                    .filter(path -> globs.stream().noneMatch(glob -> glob.matches(path)))
                    .count();
            if (left > 0) {
                notes.add(left + " paths more than a list can hold");
            }
            return globs;
        }

        private List<PathGlob> commands(Collection<String> executed) {
            return paths(Places.executed(executed));
        }

        private List<SecretKeys> secrets(Collection<String> read) {
            SortedMap<String, SortedSet<String>> keys = new TreeMap<>();
            read.forEach(path -> Places.secretKey(path)
                    .ifPresent(key -> keys.computeIfAbsent(key.secret(), none -> new TreeSet<>())
                            .add(key.key())));
            List<SecretKeys> secrets = new ArrayList<>();
            keys.forEach((name, of) ->
                    SecretKeys.parse(name, List.copyOf(of), "").asOptional().ifPresent(secrets::add));
            return secrets;
        }

        /** Of pods and services that were asked for only their addresses were seen, and those are not proposed again. */
        private List<CidrGrant> addresses(Collection<String> addresses) {
            boolean inside = items.containsKey(PermissionField.NETWORK_PEERS)
                    || items.containsKey(PermissionField.NETWORK_SERVICES);
            SortedSet<String> outside = new TreeSet<>();
            addresses.forEach(address -> {
                if (inside && Places.isPrivate(address)) {
                    notes.add(address
                            + " was tried too; if it is no pod or service above, ask for it under network.cidrs");
                } else {
                    Places.cidr(address).ifPresent(outside::add);
                }
            });
            return parsed(outside, "address", CidrGrant::parse);
        }

        private <T extends Grantable> List<T> parsed(
                Collection<String> texts, String what, BiFunction<String, String, Parsed<T>> parse) {
            List<T> all = new ArrayList<>();
            for (String text : texts) {
                Optional<T> item = parse.apply(text, "").asOptional();
                if (item.isEmpty()) {
                    notes.add(what + " " + text + " cannot be asked for");
                } else if (all.size() == MOST) {
                    notes.add(what + " " + text + " is one too many; ask for a wider one");
                } else {
                    all.add(item.get());
                }
            }
            return all;
        }
    }

    /** Limits above what was used. */
    private static final class Margins {
        private Margins() {}

        /**
         * Twice the time and the processes, half as much again of everything else, rounded up, and never more than the run was given. Peaks
         * of processes are looked for fifty times a second, so there is a floor: a runtime that gets no thread dies.
         */
        static Budget over(Sighting.Use use, Budget ceiling) {
            Budget budget = Budget.UNLIMITED;
            budget = with(budget, LimitField.TIMEOUT, seconds(2 * use.wallMillis(), 30), ceiling);
            budget = with(budget, LimitField.MEMORY, up(half(use.memoryBytes()), 16L << 20), ceiling);
            budget = with(budget, LimitField.DISK, up(half(use.diskBytes()), 16L << 20), ceiling);
            budget = with(budget, LimitField.PROCESSES, Math.max(32, up(2 * use.processes(), 8)), ceiling);
            budget = with(budget, LimitField.OUTPUT, up(half(use.outputBytes()), 1L << 20), ceiling);
            budget = with(budget, LimitField.CPU_TIME, seconds(2 * use.cpuTimeMillis(), 5), ceiling);
            if (use.events() > 0) {
                budget = with(budget, LimitField.EVENTS, up(half(use.events()), 10), ceiling);
            }
            return budget;
        }

        private static long half(long used) {
            return used + used / 2;
        }

        /** The next multiple of the step, at least one. */
        private static long up(long value, long step) {
            return Math.max(1, Math.ceilDiv(value, step)) * step;
        }

        private static long seconds(long millis, int step) {
            return up(millis, step * 1000L);
        }

        private static Budget with(Budget budget, LimitField field, long value, Budget ceiling) {
            OptionalLong given = ceiling.get(field);
            return budget.with(field, given.isPresent() ? Math.min(value, given.getAsLong()) : value);
        }
    }
}
