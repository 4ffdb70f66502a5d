package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.EventListBuilder;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An informer with it hears everything, passes on what is news, and has nothing to remember. */
class UnkeptStoreClientTest {
    private static final String EVENTS = "/api/v1/events?";

    private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private KubernetesMockServer server;
    private KubernetesClient client;

    @BeforeEach
    void start() {
        server = new KubernetesMockServer(false);
        server.init();
        client = server.createClient();
    }

    @AfterEach
    void stop() {
        client.close();
        server.destroy();
    }

    @Test
    void whatComesIsHeardAndNothingOfItStays() {
        page("limit=25", "next", "1", event("listed", "1"), event("another", "2"));
        page("continue=next&limit=25", null, "3", event("third", "3"));
        server.expect()
                .get()
                .withPath(EVENTS + "allowWatchBookmarks=true&resourceVersion=3&timeoutSeconds=600&watch=true")
                .andUpgradeToWebSocket()
                .open()
                .immediately()
                .andEmit(new WatchEvent(event("known", "4"), "ADDED"))
                .immediately()
                .andEmit(new WatchEvent(event("news", "5"), "ADDED"))
                .immediately()
                .andEmit(new WatchEvent(event("news", "6"), "MODIFIED"))
                .immediately()
                .andEmit(new WatchEvent(event("news", "6"), "DELETED"))
                .immediately()
                .andEmit(new WatchEvent(event("last-news", "7"), "ADDED"))
                .done()
                .always();

        try (var informer = informer()) {
            await().untilAsserted(() -> assertThat(told).contains("last-news"));
            assertThat(heard).containsExactly("listed", "another", "third", "known", "news", "news", "last-news");
            assertThat(told).as("since the list").containsExactly("news", "news", "last-news");
            assertThat(informer.getStore().list()).isEmpty();
            assertThat(informer.getStore().listKeys()).isEmpty();
        }
    }

    /** The informer's index of namespaces has each key until it goes, and what is not kept never does. */
    @Test
    void allHaveOneKey() {
        var store = new UnkeptStore<Event>(event -> true);

        assertThat(store.getKey(event("one", "1"))).isEqualTo(store.getKey(event("another", "2")));
    }

    private SharedIndexInformer<Event> informer() {
        var informer = client.v1()
                .events()
                .inAnyNamespace()
                .withLimit(SlimStore.PAGE)
                .runnableInformer(0)
                .itemStore(new UnkeptStore<>(event -> {
                    heard.add(event.getMetadata().getName());
                    return event.getMetadata().getName().endsWith("news");
                }));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(Event event) {
                told.add(event.getMetadata().getName());
            }

            @Override
            public void onUpdate(Event before, Event now) {
                told.add("changed " + now.getMetadata().getName());
            }

            @Override
            public void onDelete(Event event, boolean unknown) {
                told.add("gone " + event.getMetadata().getName());
            }
        });
        FirstList.STANDARD.await(informer, "events");
        return informer;
    }

    private void page(String query, String next, String version, Event... events) {
        server.expect()
                .get()
                .withPath(EVENTS + query)
                .andReturn(
                        200,
                        new EventListBuilder()
                                .withNewMetadata()
                                .withContinue(next)
                                .withResourceVersion(version)
                                .endMetadata()
                                .withItems(events)
                                .build())
                .always();
    }

    private static Event event(String name, String version) {
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName(name)
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }
}
