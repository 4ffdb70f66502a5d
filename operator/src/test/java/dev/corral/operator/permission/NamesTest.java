package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Topics, Secrets, claims, peers, services and words. */
class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"check.done@v1", "check@v1", "check.*@v1", "*@v2", "a-b.c-d.*@v9999"})
    void topics(String text) {
        assertThat(TopicPattern.parse(text, "p").orElseThrow()).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "check",
                "check@1",
                "@v1",
                "check.@v1",
                ".check@v1",
                "che*@v1",
                "check.*.x@v1",
                "check.**@v1",
                ".*@v1",
                "Check@v1",
                "check@v0",
                "check@v1@v2",
                "check.*@v*",
                "check..x@v1"
            })
    void noTopics(String text) {
        assertThat(TopicPattern.parse(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @ParameterizedTest
    @CsvSource({
        "check.*@v1, check.done@v1, true",
        "check.*@v1, check@v1, false",
        "check.*@v1, checker.done@v1, false",
        "check.*@v1, check.done@v2, false",
        "check.*@v1, check.a.b@v1, true",
        "*@v1, check@v1, true",
        "check.*@v1, check.*@v1, false",
        "check.done@v1, check.done@v1, true",
        "check.*@v1, rubbish, false"
    })
    void topicMatches(String pattern, String topic, boolean matches) {
        assertThat(TopicPattern.parse(pattern, "p").orElseThrow().matches(topic))
                .isEqualTo(matches);
    }

    @Test
    void aGrantWithoutKeysIsTheWholeSecretAndOnlyThatCoversTheWholeSecret() {
        SecretKeys whole = SecretKeys.of("token");
        SecretKeys one = SecretKeys.of("token", "a");
        SecretKeys two = SecretKeys.of("token", "a", "b");
        assertThat(whole.covers(two)).isTrue();
        assertThat(whole.covers(whole)).isTrue();
        assertThat(two.covers(one)).isTrue();
        assertThat(one.covers(two)).isFalse();
        assertThat(two.covers(whole)).isFalse();
        assertThat(two.overlaps(whole)).isTrue();
        assertThat(one.overlaps(SecretKeys.of("token", "b"))).isFalse();
        assertThat(whole.covers(SecretKeys.of("other", "a"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "../a", "..a", "a b", "ä"})
    void aSecretKeyIsAFileName(String key) {
        assertThat(SecretKeys.parse("token", List.of("ok", key), "spec.secrets[1]")
                        .violations())
                .singleElement()
                .extracting(Violation::path)
                .isEqualTo("spec.secrets[1].keys[1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "ns/token", "../token", "-a"})
    void aSecretNameIsABareName(String name) {
        assertThat(SecretKeys.parse(name, List.of(), "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void namesAreNoLongerThanKubernetesTakesThem() {
        assertThat(SecretKeys.parse("a".repeat(253), List.of(), "p")).isInstanceOf(Parsed.Value.class);
        assertThat(SecretKeys.parse("a".repeat(254), List.of(), "p")).isInstanceOf(Parsed.Malformed.class);
        assertThat(Labels.isKey("a".repeat(253) + "/app")).isTrue();
        assertThat(Labels.isKey("a".repeat(254) + "/app")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "datasets/**, datasets/public/**, true, true",
        "datasets/public/**, datasets/**, false, true",
        "datasets/public/**, datasets/private/**, false, false",
        "datasets/**, models/**, false, false",
    })
    void aClaimIsMeantByItsOwnNameOnly(String grant, String ask, boolean covers, boolean overlaps) {
        ClaimPaths granted = ClaimPaths.parse(grant, "p").orElseThrow();
        ClaimPaths asked = ClaimPaths.parse(ask, "p").orElseThrow();
        assertThat(granted.covers(asked)).isEqualTo(covers);
        assertThat(granted.overlaps(asked)).isEqualTo(overlaps);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app=db:5432 | app=db:5432",
                "tier=x,app=db:5432/udp | app=db,tier=x:5432/udp",
                "example.org/app=db:* | example.org/app=db:*",
                "app=:80 | app=:80"
            })
    void peers(String text, String canonical) {
        assertThat(PeerGrant.parse(text, "p").orElseThrow()).hasToString(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "app=db",
                ":5432",
                "app:5432",
                "=db:5432",
                "app=db,:5432",
                "app=a,app=b:80",
                "app=d b:80",
                "app!=db:80",
                "app in (a):80",
                "app=db:0",
                "-a=b:80",
                "a/b/c=d:80"
            })
    void noPeers(String text) {
        assertThat(PeerGrant.parse(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "app=db:* | app=db,tier=x:80 | true | true",
                "app=db,tier=x:* | app=db:80 | false | true",
                "app=db:80 | app=web:80 | false | false",
                "app=db:80 | tier=x:80 | false | true",
                "app=db:80 | app=db:81 | false | false",
            })
    void moreLabelsAreFewerPods(String grant, String ask, boolean covers, boolean overlaps) {
        PeerGrant granted = PeerGrant.parse(grant, "p").orElseThrow();
        PeerGrant asked = PeerGrant.parse(ask, "p").orElseThrow();
        assertThat(granted.covers(asked)).isEqualTo(covers);
        assertThat(granted.overlaps(asked)).isEqualTo(overlaps);
    }

    @Test
    void aPeerWithoutLabelsWouldBeEveryPodAndCannotBeBuilt() {
        assertThatThrownBy(() -> new PeerGrant(new TreeMap<>(), Ports.tcp(80)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Whatever a star may come to mean in it: a grant takes it as it stands, a deny as anything. */
    @Test
    void aWordCoversItselfAndMayOverlapAnyOther() {
        Word every = new Word("*");
        Word one = new Word("orders");
        assertThat(one.covers(new Word("orders"))).isTrue();
        assertThat(every.covers(one)).isFalse();
        assertThat(every.overlaps(one)).isTrue();
    }

    @Test
    void messagesShowNothingATerminalWouldActUpon() {
        String shown = ServiceName.parse("\u001b[31m\u202e\n\"" + "x".repeat(200), "p")
                .violations()
                .getFirst()
                .message();
        assertThat(shown).contains("\\u001b", "\\u202e", "\\u000a", "…").doesNotContain("\u001b", "\u202e", "\n");
    }
}
