package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of a page of objects that are as large and as dense as an API server stores them, little is ever in memory. */
class SlimPagesClientTest {
    private static final ListOptions PAGE =
            new ListOptionsBuilder().withLimit(SlimStore.PAGE).build();
    private static final String API = "/apis/corral.dev/v1alpha1/";
    private static final String DENSE = "{\"x\":[" + "{},".repeat(466_000) + "{}]}";
    private static final String FLAT = "{\"x\":\"" + "y".repeat(1_400_000) + "\"}";

    private final MockedApi api = new MockedApi();

    @AfterEach
    void close() {
        api.close();
    }

    private static String metadata(int number) {
        return "\"metadata\":{\"name\":\"x" + number
                + "\",\"namespace\":\"docs\",\"resourceVersion\":\"7\",\"uid\":\"u\"}";
    }

    private static String page(IntFunction<String> object) {
        return IntStream.range(0, Math.toIntExact(SlimStore.PAGE))
                .mapToObj(object)
                .collect(Collectors.joining(
                        ",",
                        "{\"apiVersion\":\"v1\",\"items\":[",
                        "],\"kind\":\"List\",\"metadata\":{\"continue\":\"[{\",\"resourceVersion\":\"9\"}}"));
    }

    private static String execution(int number, String input) {
        return """
                {"apiVersion":"corral.dev/v1alpha1","kind":"PluginExecution",%s,
                 "spec":{"handler":"main","input":%s,"plugin":{"name":"late"},"suspend":true},"status":{"state":"Suspended"}}
                """.formatted(metadata(number), input);
    }

    private static String plugin(int number, String schema) {
        return """
                {"apiVersion":"corral.dev/v1alpha1","kind":"Plugin",%s,"spec":{"handlers":[
                 {"input":%s,"name":"a"}],"image":"registry.example.org/a:1","permissions":{"capabilities":["pdf"],"env":["A"]}}}
                """.formatted(metadata(number), schema);
    }

    private <T extends HasMetadata> List<T> listed(Class<T> type, String plural, String page) {
        api.answer("GET", API + plural + "?limit=25", 200, page);
        var list = api.client().resources(type).inAnyNamespace().list(PAGE);
        assertThat(list.getMetadata().getContinue()).isEqualTo("[{");
        assertThat(list.getItems())
                .extracting(object -> object.getMetadata().getName())
                .isEqualTo(IntStream.range(0, 25).mapToObj(i -> "x" + i).toList());
        return list.getItems();
    }

    @Test
    void executionsComeAsACacheKeepsThem() {
        for (var input : List.of(DENSE, FLAT)) {
            assertThat(listed(PluginExecution.class, "pluginexecutions", page(number -> execution(number, input))))
                    .allSatisfy(execution -> {
                        assertThat(Slim.is(execution)).isTrue();
                        assertThat(execution.getSpec().input()).isNull();
                        assertThat(execution.getSpec().suspend()).isTrue();
                        assertThat(execution.getStatus().state()).isEqualTo("Suspended");
                    });
        }
    }

    @Test
    void pluginsComeAsACacheKeepsThem() {
        for (var schema : List.of(DENSE, FLAT)) {
            assertThat(listed(Plugin.class, "plugins", page(number -> plugin(number, schema))))
                    .allSatisfy(plugin -> {
                        assertThat(Slim.is(plugin)).isTrue();
                        assertThat(plugin.getSpec().image()).isNotNull();
                        assertThat(plugin.getSpec().handlers())
                                .extracting(Handler::input)
                                .containsOnlyNulls();
                        assertThat(plugin.getSpec().permissions().capabilities())
                                .containsExactly("pdf");
                    });
        }
    }

    /** What is listed of Kubernetes' own kinds does not say its kind. */
    @Test
    void networkPoliciesComeAsACacheKeepsThem() {
        var kind = new ResourceDefinitionContext.Builder()
                .withGroup("networking.k8s.io")
                .withVersion("v1")
                .withPlural("networkpolicies")
                .withKind("NetworkPolicy")
                .withNamespaced(true)
                .build();
        var policy = "{%s,\"spec\":{\"podSelector\":{%s},\"policyTypes\":[\"Ingress\"],\"ingress\":[%s{}]}}";
        var flat = "\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[" + "\"y\",".repeat(9_000)
                + "\"z\"]}]";
        api.answer(
                "GET",
                "/apis/networking.k8s.io/v1/networkpolicies?limit=25",
                200,
                page(number -> number == 0
                        ? policy.formatted(metadata(number), flat, "")
                        : policy.formatted(metadata(number), "", "{},".repeat(400_000))));

        var listed = api.client()
                .genericKubernetesResources(kind)
                .inAnyNamespace()
                .list(PAGE)
                .getItems();

        assertThat(listed)
                .hasSize(25)
                .allSatisfy(one -> assertThat(one.getKind()).isEqualTo("NetworkPolicy"));
        assertThat(opened(listed.getFirst())).as("selects others").isFalse();
        assertThat(listed.subList(1, 25)).allMatch(SlimPagesClientTest::opened);
        assertThat(api.client().getKubernetesSerialization().asJson(listed)).hasSizeLessThan(25 * 512);
    }

    private static boolean opened(GenericKubernetesResource policy) {
        return ForeignPolicy.opening(policy, "docs", Map.of(), OwnedLabels.EVERY_POD)
                .isPresent();
    }

    @Test
    void whatIsSmallComesAsItIs() {
        var small = "{\"text\":\"a \\\"] [\\\\\",\"list\":[[{}],[]],\"long\":\"" + "y".repeat(9_000) + "\"}";

        assertThat(listed(PluginExecution.class, "pluginexecutions", page(number -> execution(number, small))))
                .allSatisfy(execution -> {
                    assertThat(Slim.is(execution)).isFalse();
                    assertThat(execution.getSpec().input()).isEqualTo(MockedApi.json(small));
                });
    }

    /** Whoever reads something else than a page wants to have it whole. */
    @Test
    void otherAnswersAreLeftAlone() {
        api.answer("GET", API + "pluginexecutions", 200, page(number -> execution(number, FLAT)));

        assertThat(api.client()
                        .resources(PluginExecution.class)
                        .inAnyNamespace()
                        .list()
                        .getItems())
                .noneMatch(Slim::is);
    }

    /** What they are compared by with what would be laid down now. */
    @Test
    void ofNetworkPoliciesOfOursComesWhatIsKept() {
        api.answer(
                "GET",
                "/apis/networking.k8s.io/v1/networkpolicies?labelSelector=app.kubernetes.io%2Fmanaged-by%3Dcorral&limit=25",
                200,
                page(number -> "{%s,\"spec\":{\"podSelector\":{},\"egress\":[%s{}]}}"
                        .formatted(metadata(number), "{},".repeat(6_000))));
        var whole = api.client()
                .getKubernetesSerialization()
                .unmarshal("""
                {"metadata":{"name":"x"},"spec":{"podSelector":{},"egress":[%s{}]}}
                """.formatted("{},".repeat(6_000)), NetworkPolicy.class);

        assertThat(api.client()
                        .network()
                        .v1()
                        .networkPolicies()
                        .inAnyNamespace()
                        .withLabel("app.kubernetes.io/managed-by", "corral")
                        .list(new ListOptionsBuilder(PAGE).build()) // the client writes the selector into it
                        .getItems())
                .allSatisfy(policy -> {
                    assertThat(policy.getSpec()).isNull();
                    assertThat(LaidPolicy.of(policy).spec())
                            .isEqualTo(LaidPolicy.of(whole).spec());
                });
    }

    /** However it arrives: what passes is the same, and what waits is one object. */
    @Test
    void aPageMayBeCutAnywhere() {
        var large = "{\"b\":[\"" + "\\\"}]é".repeat(4_000) + "\"],\"c\":{}}";
        var page = "{\"a\":{\"items\":{}},\"items\":[{\"b\":[{\"]\":\"\\\\\"}]}, " + large
                + " ,{}],\"metadata\":{\"continue\":\"[{\",\"list\":[1,{}]}}\n";
        var expected = page.replace(large, "{\"slim\":" + large.getBytes(StandardCharsets.UTF_8).length + "}");
        var bytes = page.getBytes(StandardCharsets.UTF_8);

        for (var size : new int[] {1, 2, 3, 7, 1_000, bytes.length}) {
            var cut = new PageCut(object -> ("{\"slim\":" + object.length + "}").getBytes(StandardCharsets.UTF_8));
            var passed = new StringBuilder();
            for (var begin = 0; begin < bytes.length; begin += size) {
                passed.append(new String(
                        cut.next(ByteBuffer.wrap(bytes, begin, Math.min(size, bytes.length - begin))),
                        StandardCharsets.UTF_8));
            }
            assertThat(passed.toString()).as("%s at a time", size).isEqualTo(expected);
        }
    }

    /** What the client keeps of a page until it has all of it, and what it makes of that: kilobytes, where there were 35 megabytes and ten million values. */
    @Test
    void aPageOfDenseObjectsIsKilobytes() throws Exception {
        var kept = new ArrayList<ByteBuffer>();
        var request = api.client()
                .getHttpClient()
                .newHttpRequestBuilder()
                .uri("https://api" + API + "pluginexecutions?limit=25")
                .build();
        var serialization = api.client().getKubernetesSerialization();
        var consumer = new SlimPages(serialization).consumer((passed, body) -> kept.addAll(passed), request);
        var arriving = page(number -> execution(number, DENSE)).getBytes(StandardCharsets.UTF_8);
        for (var begin = 0; begin < arriving.length; begin += 16_384) {
            consumer.consume(
                    List.of(ByteBuffer.wrap(arriving, begin, Math.min(16_384, arriving.length - begin))), null);
        }

        var bytes = kept.stream().mapToInt(ByteBuffer::remaining).sum();
        assertThat(arriving.length).isGreaterThan(25 * 1_390_000);
        assertThat(bytes).isLessThan(25 * 1024);
        var text = kept.stream()
                .map(buffer -> StandardCharsets.UTF_8.decode(buffer).toString())
                .collect(Collectors.joining());
        assertThat(values(MockedApi.json(text))).isLessThan(25 * 64);
    }

    private static int values(JsonNode node) {
        var values = 1;
        for (var child : node) {
            values += values(child);
        }
        return values;
    }
}
