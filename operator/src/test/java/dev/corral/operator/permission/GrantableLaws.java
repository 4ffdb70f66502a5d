package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** What containment promises, on generated values that are alike enough to meet. */
class GrantableLaws {
    private static final int TRIES = 200;

    @Property(tries = TRIES)
    void everythingCoversItself(@ForAll("grantables") Grantable any) {
        assertThat(any.covers(any)).isTrue();
        assertThat(any.overlaps(any)).isTrue();
    }

    @Property(tries = TRIES)
    void whatCoversAlsoOverlaps(@ForAll("grantables") Grantable one, @ForAll("grantables") Grantable other) {
        if (one.covers(other)) {
            assertThat(one.overlaps(other)).isTrue();
            assertThat(other.overlaps(one)).isTrue();
        }
    }

    @Property(tries = TRIES)
    void overlapIsMutual(@ForAll("grantables") Grantable one, @ForAll("grantables") Grantable other) {
        assertThat(one.overlaps(other)).isEqualTo(other.overlaps(one));
    }

    @Property(tries = TRIES)
    void coveringIsTransitive(
            @ForAll("grantables") Grantable a, @ForAll("grantables") Grantable b, @ForAll("grantables") Grantable c) {
        if (a.covers(b) && b.covers(c)) {
            assertThat(a.covers(c)).isTrue();
        }
    }

    /** The guard of every deny: what a covered ask shares with a deny, its grant shares too. */
    @Property(tries = TRIES)
    void whatOverlapsAPartOverlapsTheWhole(
            @ForAll("grantables") Grantable whole,
            @ForAll("grantables") Grantable part,
            @ForAll("grantables") Grantable deny) {
        if (whole.covers(part) && deny.overlaps(part)) {
            assertThat(deny.overlaps(whole)).isTrue();
        }
    }

    @Property(tries = TRIES)
    void blocksAgreeWithPlainArithmetic(@ForAll("v6") CidrBlock outer, @ForAll("v6") CidrBlock inner) {
        BigInteger outerFrom = address(outer);
        BigInteger outerTo = outerFrom.add(BigInteger.ONE.shiftLeft(128 - outer.prefix()));
        BigInteger innerFrom = address(inner);
        BigInteger innerTo = innerFrom.add(BigInteger.ONE.shiftLeft(128 - inner.prefix()));
        assertThat(outer.contains(inner))
                .isEqualTo(outerFrom.compareTo(innerFrom) <= 0 && innerTo.compareTo(outerTo) <= 0);
        assertThat(CidrBlock.of(inner.toString())).isEqualTo(inner);
    }

    private static BigInteger address(CidrBlock block) {
        BigInteger mask = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
        return BigInteger.valueOf(block.high())
                .and(mask)
                .shiftLeft(64)
                .or(BigInteger.valueOf(block.low()).and(mask));
    }

    @Property(tries = TRIES)
    void globsAgreeWithRegularExpressions(@ForAll("globs") PathGlob glob, @ForAll("paths") String path) {
        String regex = glob.segments().stream()
                .map(segment -> segment.equals("**")
                        ? "(?:/[^/]+)*"
                        : "/"
                                + segment.chars()
                                        .mapToObj(c -> c == '*' ? "[^/]*" : Pattern.quote(Character.toString(c)))
                                        .collect(Collectors.joining()))
                .collect(Collectors.joining());
        assertThat(glob.matches(path)).isEqualTo((path.equals("/") ? "" : path).matches(regex));
    }

    @Property(tries = TRIES)
    void whatAGlobCoversItAlsoMatches(
            @ForAll("globs") PathGlob grant, @ForAll("globs") PathGlob ask, @ForAll("paths") String path) {
        if (grant.covers(ask) && ask.matches(path)) {
            assertThat(grant.matches(path)).isTrue();
        }
        if (grant.matches(path) && ask.matches(path)) {
            assertThat(grant.overlaps(ask)).isTrue();
        }
    }

    @Property(tries = TRIES)
    void durationsAndSizesSurviveWriting(@ForAll @LongRange(min = 1, max = 315_360_000_000L) long value) {
        assertThat(Durations.parse(Durations.text(value), "p").orElseThrow()).isEqualTo(value);
        assertThat(Quantity.bytes(Quantity.bytesText(value), "p").orElseThrow()).isEqualTo(value);
    }

    @Provide
    Arbitrary<Grantable> grantables() {
        Arbitrary<Ports> ports = Arbitraries.of("80", "80-90", "*", "80/udp")
                .map(text -> Ports.parse(text, "p").orElseThrow());
        return Arbitraries.oneOf(
                Combinators.combine(
                                Arbitraries.of(
                                        "10.0.0.0/8",
                                        "10.1.0.0/16",
                                        "10.1.1.0/24",
                                        "0.0.0.0/0",
                                        "::/0",
                                        "2001:db8::/32"),
                                ports)
                        .as((block, p) -> new CidrGrant(CidrBlock.of(block), p)),
                Arbitraries.of("a.b.example:80", "*.b.example:*", "*.a.b.example:80", "b.example:80-90")
                        .map(text -> HostPattern.parse(text, "p").orElseThrow()),
                Arbitraries.of("app=a:80", "app=a,tier=x:80", "tier=x:*", "app=b:80")
                        .map(text -> PeerGrant.parse(text, "p").orElseThrow()),
                Arbitraries.of("*", "A*", "AB*", "AB", "B")
                        .map(text -> EnvPattern.parse(text, "p").orElseThrow()),
                Arbitraries.of("*/*", "*/x", "a/*", "a/x", "b/x", "b/y")
                        .map(text -> ArtifactPattern.parse(text, "p").orElseThrow()),
                Arbitraries.of("a/**", "a/x/**", "a/x", "a/*/y", "b/x/**")
                        .map(text -> ClaimPaths.parse(text, "p").orElseThrow()),
                Arbitraries.of("*@v1", "a.*@v1", "a.b@v1", "a.b.*@v1", "a@v1", "a.b@v2")
                        .map(text -> TopicPattern.parse(text, "p").orElseThrow()),
                Arbitraries.of(
                        SecretKeys.of("s"),
                        SecretKeys.of("s", "a"),
                        SecretKeys.of("s", "a", "b"),
                        SecretKeys.of("t", "a")),
                Arbitraries.of("a", "b").map(ServiceName::new),
                globs());
    }

    @Provide
    Arbitrary<CidrBlock> v6() {
        return Combinators.combine(
                        Arbitraries.of(0L, 1L << 63, 3L << 62, -1L, 1L),
                        Arbitraries.of(0L, 1L << 63, -1L, 1L),
                        Arbitraries.integers().between(0, 128))
                .as((high, low, prefix) -> {
                    long h = prefix == 0 ? 0 : high & (-1L << (64 - Math.min(prefix, 64)));
                    long l = prefix <= 64 ? 0 : low & (-1L << (128 - prefix));
                    return new CidrBlock(CidrBlock.Family.V6, h, l, prefix);
                });
    }

    @Provide
    Arbitrary<PathGlob> globs() {
        return Arbitraries.of("a", "b", "ab", "*", "**", "a*", "*b", "a*b*")
                .list()
                .ofMaxSize(5)
                .map(segments ->
                        PathGlob.parse("/" + String.join("/", segments), "p").orElseThrow());
    }

    @Provide
    Arbitrary<String> paths() {
        Arbitrary<List<String>> segments =
                Arbitraries.of("a", "b", "ab", "ba", "abab").list().ofMaxSize(6);
        return segments.map(list -> "/" + String.join("/", list));
    }
}
