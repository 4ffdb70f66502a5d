package dev.corral.operator.faults;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * All one process ever hears of the API server goes through here: its writes are numbered, and at a chosen one its world ends or an
 * answer gets lost. A process whose proxy is cut can change nothing any more, whatever its threads still try: that is its death.
 */
final class FaultProxy implements AutoCloseable {
    /** Where a write is hit: the process dies before it is sent, dies after it was applied, or lives on without the answer. */
    enum Moment {
        BEFORE,
        AFTER,
        LOST
    }

    /** The write of that number, counted from 1 among those of one namespace. */
    record Fault(String namespace, int write, Moment moment) {
        static final Fault NONE = new Fault("", 0, Moment.BEFORE);

        boolean counts(HttpMessage request) {
            return (request.path() + "/").contains("/namespaces/" + namespace + "/");
        }
    }

    /** One write that reached the API server. */
    record Write(String method, String path, int code) {
        boolean persisted() {
            return code < 300;
        }

        boolean in(String namespace) {
            return (path + "/").contains("/namespaces/" + namespace + "/");
        }

        @Override
        public String toString() {
            return method + " " + path + " " + code;
        }
    }

    private final Upstream upstream;
    private final List<String> identity;
    private final ServerSocket listener;
    private final List<Write> writes = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Gate watches = new Gate();
    private final Weather weather = new Weather();
    private final Map<Socket, String> watching = new ConcurrentHashMap<>();
    private final Object arming = new Object();
    private Fault fault = Fault.NONE;
    private CompletableFuture<String> struck = new CompletableFuture<>();
    private int counted;
    private volatile boolean cut;

    /** Where to, and how. */
    interface Upstream {
        Socket connect() throws IOException;
    }

    FaultProxy(Upstream upstream, List<String> identity) {
        this.upstream = upstream;
        this.identity = identity;
        try {
            listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    /** What was written so far, refused or not. */
    List<Write> writes() {
        return List.copyOf(writes);
    }

    /** From now on counts for this fault; the answer completes with the write that was hit. */
    CompletableFuture<String> arm(Fault next) {
        synchronized (arming) {
            fault = next;
            counted = 0;
            struck = new CompletableFuture<>();
            return struck;
        }
    }

    /** News of these watches are held back until {@link #release()}: the process sees an older world. */
    void hold(Predicate<String> paths) {
        watches.close(paths);
    }

    void release() {
        watches.open();
    }

    /** What this process hears instead of the API server, until told otherwise. */
    Weather weather() {
        return weather;
    }

    /** How many watches stand. */
    int watches() {
        return watching.size();
    }

    /** Ends the watches that stand, as an API server that restarts or a proxy in between does. */
    void cutWatches() {
        for (var socket : watching.keySet()) {
            try {
                socket.close();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    /** The end, without a word. */
    @Override
    public void close() {
        cut = true;
        watches.open();
        try {
            listener.close();
            for (var socket : open) {
                socket.close();
            }
        } catch (IOException alreadyDead) {
            throw new UncheckedIOException(alreadyDead);
        }
    }

    private void accept() {
        while (!cut) {
            try {
                var client = listener.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var server = upstream.connect()) {
            open.add(client);
            open.add(server);
            if (!cut) {
                converse(client, server);
            }
        } catch (IOException broken) {
            // both ends notice by themselves
        } finally {
            open.remove(client);
        }
    }

    private void converse(Socket client, Socket server) throws IOException {
        var fromClient = new BufferedInputStream(client.getInputStream());
        var fromServer = new BufferedInputStream(server.getInputStream());
        var toClient = new BufferedOutputStream(client.getOutputStream());
        var toServer = new BufferedOutputStream(server.getOutputStream());
        while (!cut) {
            var request = HttpMessage.read(fromClient);
            if (request.isEmpty()) {
                return;
            }
            var body = request.get().body(fromClient);
            var trouble = weather.meets(request.get());
            if (trouble.isPresent()) {
                trouble.get().answer(toClient);
                continue;
            }
            var write = isWrite(request.get());
            var hit = write ? hit(request.get()) : Optional.<Moment>empty();
            if (hit.equals(Optional.of(Moment.BEFORE))) {
                die(request.get());
                return;
            }
            request.get()
                    .changed(List.of("Authorization", "Impersonate-User", "Impersonate-Group"), identity)
                    .writeTo(toServer);
            toServer.write(body);
            toServer.flush();
            var response = HttpMessage.read(fromServer);
            if (response.isEmpty()) {
                return;
            }
            if (response.get().code() == 101) {
                response.get().writeTo(toClient);
                toClient.flush();
                talkOn(request.get().path(), client, server, fromClient, fromServer);
                return;
            }
            if (write) {
                var answer = response.get().body(fromServer);
                writes.add(new Write(
                        request.get().method(),
                        words(request.get()),
                        response.get().code()));
                if (hit.equals(Optional.of(Moment.AFTER))) {
                    die(request.get());
                    return;
                }
                if (hit.isPresent()) {
                    strike(request.get());
                    return;
                }
                response.get().writeTo(toClient);
                toClient.write(answer);
                toClient.flush();
            } else {
                response.get().writeTo(toClient);
                toClient.flush();
                response.get().copyBody(fromServer, toClient);
            }
        }
    }

    /** A watch: frames in both directions until one side ends it. */
    private void talkOn(String path, Socket client, Socket server, InputStream fromClient, InputStream fromServer)
            throws IOException {
        var toServer = server.getOutputStream();
        var toClient = client.getOutputStream();
        if (weather.expires(path)) {
            toClient.write(Weather.tooOld());
            toClient.flush();
        }
        watching.put(client, path);
        var upward = Thread.ofVirtual().start(() -> pipe(fromClient, toServer, Optional.empty()));
        pipe(fromServer, toClient, Optional.of(path));
        watching.remove(client);
        upward.interrupt();
    }

    private void pipe(InputStream in, OutputStream out, Optional<String> path) {
        var buffer = new byte[16 * 1024];
        try (out) {
            for (var read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                path.ifPresent(watches::pass);
                if (cut) {
                    return;
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException broken) {
            // the other end is closed with it
        }
    }

    private void die(HttpMessage request) {
        close();
        strike(request);
    }

    private void strike(HttpMessage request) {
        synchronized (arming) {
            struck.complete(request.method() + " " + words(request));
        }
    }

    private static String words(HttpMessage request) {
        return request.path().replaceAll("\\?.*", "");
    }

    private Optional<Moment> hit(HttpMessage request) {
        synchronized (arming) {
            return fault.counts(request) && ++counted == fault.write() ? Optional.of(fault.moment()) : Optional.empty();
        }
    }

    /** Questions that happen to be POSTs change nothing; the lease is no write of a run. */
    private static boolean isWrite(HttpMessage request) {
        return Set.of("POST", "PUT", "PATCH", "DELETE").contains(request.method())
                && !request.path().contains("reviews")
                && !request.path().contains("/leases");
    }

    private static final class Gate {
        private Predicate<String> held = path -> false;

        synchronized void close(Predicate<String> paths) {
            held = paths;
        }

        synchronized void open() {
            held = path -> false;
            notifyAll();
        }

        synchronized void pass(String path) {
            while (held.test(path)) {
                try {
                    wait();
                } catch (InterruptedException stop) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
