package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Wording.capabilities;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.denyHosts;
import static dev.corral.operator.policy.Wording.hosts;
import static dev.corral.operator.policy.Wording.peers;
import static dev.corral.operator.policy.Wording.produce;
import static dev.corral.operator.policy.Wording.services;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.spec.Unread;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is granted fits the status of its execution: otherwise a pod would start, and the claim could not be written. */
class CapacityTest {
    private static String[] names(String form, int from, int to) {
        return IntStream.range(from, to).mapToObj(form::formatted).toArray(String[]::new);
    }

    private static String[] names(int from, int to) {
        return names("h%d.example.org", from, to);
    }

    private static Denial only(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Denied.class);
        var denials = ((Verdict.Denied) verdict).denials();
        assertThat(denials).hasSize(1);
        assertThat(denials.getFirst().reason()).isEqualTo(DenialReason.TooMany);
        return denials.getFirst();
    }

    @ParameterizedTest
    @CsvSource({"hosts, 128", "denyHosts, 256", "produce, 64", "learnKeeps, 128"})
    void theBoundsAreThoseOfTheStatus(String field, int most) throws NoSuchFieldException {
        assertThat(DecidedAssignment.class
                        .getDeclaredField(field)
                        .getAnnotation(Size.class)
                        .max())
                .isEqualTo(most)
                .isEqualTo(
                        switch (field) {
                            case "hosts" -> EffectivePermissions.MOST_HOSTS;
                            case "denyHosts" -> EffectivePermissions.MOST_DENIED_HOSTS;
                            case "produce" -> EffectivePermissions.MOST_TOPICS;
                            default -> EffectivePermissions.MOST_KEPT;
                        });
    }

    @Test
    void whatAPolicyDeniesAndWhatThePluginDeniesItselfIsCountedTogether() {
        var docs = policy("docs", hosts("*.example.org")).denying(hosts(names(0, 200)));
        var fits = aPluginAsking(hosts("*.example.org"), denyHosts(names(200, 256)));
        assertThat(fits.with(docs).granted().denyHosts()).hasSize(256);

        var denial = only(aPluginAsking(hosts("*.example.org"), denyHosts(names(200, 300)))
                .with(docs)
                .verdict());
        assertThat(denial.path()).isEqualTo("spec.permissions.network.denyHosts");
        assertThat(denial.message())
                .isEqualTo("Plugin/link-checker would have 300 network.denyHosts, counting what policies deny inside"
                        + " its hosts, and a run holds at most 256");
        assertThat(denial.remedy()).contains("whole domains (*.example.org)");
    }

    @Test
    void whatACapabilityGrantsIsCountedWithWhatThePluginAsksFor() {
        var scene = aPluginAsking(hosts(names(0, 100)), capabilities("browser"))
                .with(policy("base", hosts("*.example.org")))
                .with(policy("browsers", hosts(names(100, 140))).definingCapability("browser"));
        var denial = only(scene.verdict());
        assertThat(denial.path()).isEqualTo("spec.permissions.network.hosts");
        assertThat(denial.message()).contains("would have 140 network.hosts", "at most 128");
    }

    @Test
    void whatSeveralLayersNameIsCountedOnce() {
        var scene = aPluginAsking(hosts(names(0, 128)), capabilities("browser"))
                .with(policy("base", hosts("*.example.org")))
                .with(policy("browsers", hosts(names(0, 40))).definingCapability("browser"));
        assertThat(scene.granted().hosts()).hasSize(128);
    }

    @Test
    void whatModeLearnAddsIsCounted() {
        var scene = aPluginAsking()
                .with(policy("one", hosts(names(0, 70))).allowingToLearn())
                .with(policy("two", hosts(names(70, 140))).allowingToLearn());
        assertThat(scene.granted().hosts()).isEmpty();
        assertThat(only(scene.learning()).message()).contains("would have 140 network.hosts");
    }

    /** Of a network policy with more values than that not all is read, and then nobody knows what it opens. */
    @Test
    void whatIsDeniedInsideGrantedBlocksIsCounted() {
        var asked = cidrs(names("0.0.0.0/0:%d", 1, 65));
        var most = aPluginAsking(asked).with(denying(asked, 440)).granted();
        assertThat(values(most)).isBetween(30_000, Unread.MOST);

        var denial = only(aPluginAsking(asked).with(denying(asked, 480)).verdict());
        assertThat(denial.path()).isEqualTo("spec.permissions.network.cidrs");
        assertThat(denial.message()).contains("counting the blocks that are denied inside", "at most 30720");
    }

    @Test
    void podsAndServicesAreNotCountedForLessThanTheyAre() {
        var named = IntStream.range(0, 64)
                .mapToObj(i -> new ServiceDefinition(
                        "s" + i,
                        "data",
                        new TreeMap<>(Map.of("app", "db", "b", "c", "d", "e" + i)),
                        IntStream.range(1, 33).mapToObj(Ports::tcp).toList()))
                .toArray(ServiceDefinition[]::new);
        var asked = new Wording.Entry[] {
            peers(names("app=a,b=c,d=e%d:80-90", 0, 250)), services(names("s%d", 0, 64)), cidrs("203.0.113.0/24:1-2")
        };
        var scene = aPluginAsking(asked).with(policy("base", asked).defining(named));
        assertThat(values(scene.granted())).isLessThan(Unread.MOST);
        var more = peers(names("app=b,b=c,d=e%d:80-90", 0, 200));
        assertThat(only(aPluginAsking(asked[0], asked[1], more)
                                .with(policy("base", asked[0], asked[1], more).defining(named))
                                .verdict())
                        .message())
                .contains("would have a network policy of");
    }

    private static Scene.Rule denying(Wording.Entry asked, int blocks) {
        return policy("base", asked)
                .denying(cidrs(IntStream.range(0, blocks)
                        .mapToObj(i -> "10.%d.%d.0/24:*".formatted(i / 256, i % 256))
                        .toArray(String[]::new)));
    }

    /** As a reader counts them. */
    private static int values(EffectivePermissions granted) {
        var installation =
                new Installation("corral-system", "x", LauncherDelivery.ImageVolume, "10.96.0.50", "", "test", "");
        var policy = new NetworkPolicyRenderer(installation).forClass("team-a", "class", granted);
        try (var parser = new JsonFactory().createParser(Serialization.asJson(policy))) {
            var values = 0;
            while (parser.nextToken() != null) {
                values++;
            }
            return values;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Test
    void topicsAreCounted() {
        var scene = aPluginAsking(produce(names("a.t%d@v1", 0, 60)), capabilities("browser"))
                .with(policy("base", produce("*@v1")))
                .with(policy("browsers", produce(names("b.t%d@v1", 0, 5))).definingCapability("browser"));
        assertThat(only(scene.verdict()).path()).isEqualTo("spec.permissions.events.produce");
    }

    @Test
    void servicesAreCountedWithThem() {
        var named = IntStream.range(0, 29)
                .mapToObj(i -> new ServiceDefinition(
                        "s" + i, "data", new TreeMap<>(Map.of("app", "db")), List.of(Ports.tcp(5432))))
                .toArray(ServiceDefinition[]::new);
        var asked = new Wording.Entry[] {peers(names("app=a%d:80", 0, 100)), services(names("s%d", 0, 29))};
        var scene =
                aPluginAsking(asked).with(policy("base", asked).defining(named).allowingToLearn());
        assertThat(scene.granted().services()).hasSize(29);
        assertThat(only(scene.learning()).message())
                .contains("would have 129 network.peers, counting network.services");
    }

    @Test
    void podsAreCountedWhereARunIsToKeepThem() {
        var scene = aPluginAsking(peers(names("app=a%d:80", 0, 129)))
                .with(policy("base", peers(names("app=a%d:80", 0, 129))).allowingToLearn());
        assertThat(scene.granted().peers()).hasSize(129);
        assertThat(only(scene.learning()).path()).isEqualTo("spec.permissions.network.peers");
    }
}
