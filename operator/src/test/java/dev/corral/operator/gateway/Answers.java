package dev.corral.operator.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;

/** What a server sends back on a connection of which nothing else is read. */
public final class Answers {
    private Answers() {}

    /** How many come before the connection ends, or two if it does not. */
    public static int of(Socket socket) throws IOException {
        socket.setSoTimeout(20_000);
        var answers = 0;
        try (var lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII))) {
            for (var line = ""; line != null && answers < 2; line = lines.readLine()) {
                answers += line.contains("HTTP/1.1 ") ? 1 : 0;
            }
        } catch (SocketException reset) {
            // ended all the same
        }
        return answers;
    }
}
