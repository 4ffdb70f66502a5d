package dev.corral.operator.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.PermissionField;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is proposed after what was seen, one rule a test; {@link ProposalLaws} has what holds for all sightings. */
class ProposalTest {
    private static final Sighting.Use USE = new Sighting.Use(1840, 410, 24_117_248, 5_000_000, 3, 4821, 3);

    private static Sighting seen(
            Set<String> read, Set<String> written, Set<String> executed, Set<String> addresses, Set<String> names) {
        return new Sighting(
                new TreeSet<>(read),
                new TreeSet<>(written),
                new TreeSet<>(executed),
                new TreeSet<>(addresses),
                new TreeSet<>(names),
                new TreeSet<>(Set.of("check.done@v1")),
                new TreeSet<>(Set.of("LANG")),
                0,
                USE);
    }

    private static Sighting reading(String... paths) {
        return seen(Set.of(paths), Set.of(), Set.of(), Set.of(), Set.of());
    }

    private static Proposal proposal(Sighting seen) {
        return Proposal.of(seen, Map.of(), Budget.UNLIMITED);
    }

    private static List<String> read(Sighting seen) {
        return proposal(seen).permissions().files().read().stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void aWholeProposalAsAReviewerSeesIt() {
        var seen = seen(
                Set.of(
                        "/app/words.txt",
                        "/etc/ssl/certs/ca.pem",
                        "/secrets/db/..2026_11_27/password",
                        "/files/rules.yaml",
                        "/proc/7/maps",
                        "/dev/null",
                        "/app/data/",
                        "/"),
                Set.of("/work/out/report.json", "/work/tmp/", "/etc/motd"),
                Set.of("/app/check"),
                Set.of(
                        "203.0.113.7:443/tcp",
                        "203.0.113.9:53/udp",
                        "[2001:db8::1]:443/tcp",
                        "198.51.100.1:0/udp",
                        "127.0.0.1:3128/tcp"),
                Set.of("api.example.org:443"));

        assertThat(ProposalText.yaml(proposal(seen), "team-a/check-x7k2p")).isEqualTo("""
                # Learned from team-a/check-x7k2p: what this one run used. Another input may need more.
                permissions:
                  files:
                    read:
                      - "/app/data/**"
                      - "/app/words.txt"
                      - "/etc/ssl/certs/ca.pem"
                    write:
                      - "/work/out/report.json"
                      - "/work/tmp/**"
                  network:
                    hosts:
                      - "api.example.org:443"
                    cidrs:
                      - "2001:db8::1/128:443"
                      - "203.0.113.7/32:443"
                      - "203.0.113.9/32:53/udp"
                  env:
                    - "LANG"
                  secrets:
                    - {name: "db", keys: ["password"]}
                  commands:
                    - "/app/check"
                  events:
                    produce:
                      - "check.done@v1"
                  limits:
                    timeout: 30s
                    memory: 48Mi
                    cpuTime: 5s
                    disk: 16Mi
                    processes: 32
                    output: 1Mi
                    events: 10
                """);
    }

    @Test
    void noLimitIsProposedAboveWhatTheRunWasGiven() {
        var given = Budget.UNLIMITED.with(LimitField.MEMORY, 30 << 20).with(LimitField.TIMEOUT, 2000);
        var limits = Proposal.of(reading(), Map.of(), given).permissions().limits();
        assertThat(limits.get(LimitField.MEMORY)).hasValue(30 << 20);
        assertThat(limits.get(LimitField.TIMEOUT)).hasValue(2000);
    }

    @Test
    void whatAGlobCannotSayBecomesAStar() {
        assertThat(read(reading("/app/we%ird", "/app/a\nb/file", "/app/x*y"))).containsExactly("/app/*", "/app/*/file");
    }

    @Test
    void manyFilesOfADirectoryBecomeTheDirectoryAndTheRestStaysExact() {
        var paths = IntStream.range(0, 100)
                .mapToObj("/usr/lib/python3/module%02d.py"::formatted)
                .toArray(String[]::new);
        var seen = reading(paths);
        assertThat(read(seen)).containsExactly("/usr/lib/python3/**");

        var more = new TreeSet<>(seen.read());
        more.add("/etc/passwd");
        assertThat(read(reading(more.toArray(String[]::new)))).containsExactly("/etc/passwd", "/usr/lib/python3/**");
    }

    @Test
    void theRootIsNeverProposed() {
        var paths = IntStream.range(0, 100).mapToObj("/top%02d"::formatted).toArray(String[]::new);
        assertThat(read(reading(paths))).hasSize(100).doesNotContain("/**");
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aRecordMadeToBeCoveredSlowlyIsNot() {
        var pairs = IntStream.range(0, 1024)
                .mapToObj(i -> "/work/%03d%s/%s".formatted(i / 2, "/a".repeat(42), i % 2))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(written(pairs)).containsExactly("/work/**");

        var deep = IntStream.range(0, 64)
                .mapToObj(i -> "/work/%02d%s/%s".formatted(i / 2, "/a".repeat(2030), i % 2))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(written(deep))
                .hasSize(32)
                .allSatisfy(glob -> assertThat(glob).endsWith("/a/a/**"));
    }

    private static List<String> written(Set<String> paths) {
        return proposal(seen(Set.of(), paths, Set.of(), Set.of(), Set.of())).permissions().files().write().stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void anAddressInsideTheClusterIsNotProposedBesideThePodsThatWereAskedFor() {
        var seen = seen(Set.of(), Set.of(), Set.of(), Set.of("10.244.0.7:6379/tcp", "203.0.113.7:443/tcp"), Set.of());
        var peers = Map.of(
                PermissionField.NETWORK_PEERS,
                List.of(PeerGrant.parse("app=cache:6379", "").orElseThrow()));

        var proposal = Proposal.of(seen, peers, Budget.UNLIMITED);
        assertThat(proposal.permissions().network().peers()).hasToString("[app=cache:6379]");
        assertThat(proposal.permissions().network().cidrs()).hasToString("[203.0.113.7/32:443]");
        assertThat(proposal.notes()).singleElement().asString().contains("10.244.0.7:6379/tcp");
        assertThat(proposal.complete()).isFalse();
    }

    @Test
    void whatCannotBeAskedForIsNoted() {
        var seen = seen(Set.of(), Set.of(), Set.of(), Set.of(), Set.of("192.0.2.1:443"));
        assertThat(proposal(seen).complete()).isFalse();
        assertThat(ProposalText.yaml(proposal(seen), "a/b"))
                .contains("# Not covered: name 192.0.2.1:443 cannot be asked for");
    }

    @Test
    void aShortenedTextEndsAfterAWholeLineAndSaysThatThereIsMore() {
        var yaml = "one: 1\ntwo: 2\n" + "three: 3\n".repeat(1000);
        var text = ProposalText.shortened(yaml, 100);
        assertThat(text).startsWith("one: 1\ntwo: 2\n").endsWith("# There is more, in the artifact.\n");
        assertThat(text.length()).isLessThanOrEqualTo(100);
    }
}
